// ResolveEscalation over what was stored through the API.

#include "tests/component/services/directory/fixture.h"

namespace steward::directory {
namespace {

using ::testing::ElementsAre;

// agent -> lead (roles/lead) -> manager (roles/manager) -> head; duty (roles/duty) stands aside.
class Resolve : public DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    for (const char* role : {"roles/lead", "roles/manager", "roles/duty", "roles/vacant"}) {
      ASSERT_TRUE(CreateRole(role).ok());
    }
    ASSERT_TRUE(CreateTeam("teams/east").ok());
    ASSERT_TRUE(Create(Person("members/head")).ok());
    ASSERT_TRUE(Create(Holding("members/manager", "members/head", "roles/manager")).ok());
    pb::Member lead = Holding("members/lead", "members/manager", "roles/lead");
    lead.add_teams()->set_team("teams/east");
    lead.mutable_teams(0)->set_lead(true);
    SetPeriod(lead.add_leaves(), kStart + Hours(24), kStart + Hours(48));
    ASSERT_TRUE(Create(lead).ok());
    ASSERT_TRUE(Create(Person("members/agent", "members/lead")).ok());
    ASSERT_TRUE(Create(Holding("members/duty", "", "roles/duty")).ok());
    ASSERT_TRUE(testing::Eventually(Seconds(5),
                                    [&] { return org_.Get()->members.contains("members/duty"); }));
  }
  static pb::Member Holding(const std::string& name, const std::string& superior,
                            const std::string& role) {
    pb::Member member = Person(name, superior);
    member.add_roles()->set_role(role);
    return member;
  }
  absl::StatusOr<pb::ResolveEscalationResponse> Ask(const std::string& role,
                                                    const std::string& member, Time at,
                                                    const std::string& fallback = "",
                                                    const std::string& team = "") {
    pb::ResolveEscalationRequest request;
    request.set_role(role);
    request.set_member(member);
    request.set_team(team);
    request.set_fallback_role(fallback);
    *request.mutable_at_time() = rpc::ToProto(at);
    return Do(&DirectoryApi::ResolveEscalation, request);
  }
};

TEST_F(Resolve, TheHolderAboveIsTold) {
  const auto answer = Ask("roles/lead", "members/agent", kStart);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->recipient(), "members/lead");
  EXPECT_EQ(answer->basis(), "holder");
  ASSERT_EQ(answer->line_size(), 3);
  EXPECT_EQ(answer->line(0).member(), "members/lead");
  EXPECT_THAT(answer->line(0).roles(), ElementsAre("roles/lead"));
  EXPECT_EQ(answer->line(2).member(), "members/head");
}

TEST_F(Resolve, DuringLeaveTheNextAboveIsTold) {
  const auto answer = Ask("roles/lead", "members/agent", kStart + Hours(30));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->recipient(), "members/manager");
  EXPECT_EQ(answer->basis(), "above");
  EXPECT_TRUE(answer->line(0).on_leave());
  EXPECT_EQ(Ask("roles/lead", "members/agent", kStart + Hours(48))->recipient(), "members/lead");
}

TEST_F(Resolve, ADeactivatedHolderIsPassedOver) {
  ASSERT_TRUE(Deactivate("members/lead").ok());
  ASSERT_TRUE(testing::Eventually(Seconds(5), [&] { return !org_.Get()->Active("members/lead"); }));
  const auto answer = Ask("roles/lead", "members/agent", kStart);
  EXPECT_EQ(answer->recipient(), "members/manager");
  EXPECT_FALSE(answer->line(0).active());
}

TEST_F(Resolve, AVacantRoleGoesToTheFallback) {
  EXPECT_EQ(Ask("roles/vacant", "members/agent", kStart, "roles/manager")->recipient(),
            "members/manager");
  EXPECT_EQ(Ask("roles/vacant", "members/agent", kStart, "roles/manager")->basis(), "fallback");
  const auto nobody = Ask("roles/vacant", "members/agent", kStart);
  ASSERT_TRUE(nobody.ok());
  EXPECT_EQ(nobody->recipient(), "");
  EXPECT_EQ(nobody->basis(), "none");
}

TEST_F(Resolve, ARoleHeldAsideIsFoundAnywhere) {
  const auto answer = Ask("roles/duty", "members/agent", kStart);
  EXPECT_EQ(answer->recipient(), "members/duty");
  EXPECT_EQ(answer->basis(), "anywhere");
}

TEST_F(Resolve, AboveATeamTheLeadItselfMayBeTheHolder) {
  const auto answer = Ask("roles/lead", "", kStart, "", "teams/east");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->recipient(), "members/lead");
  EXPECT_EQ(answer->line(0).member(), "members/lead");
}

TEST_F(Resolve, UnknownNamesAndUnclearQuestionsAreRefused) {
  EXPECT_EQ(Ask("roles/ghost", "members/agent", kStart).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Ask("roles/lead", "members/ghost", kStart).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Ask("roles/lead", "", kStart).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Ask("roles/lead", "members/agent", kStart, "", "teams/east").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace steward::directory
