// Get, batch get, list with filter and pages.

#include "services/directory/metrics.h"
#include "tests/component/services/directory/fixture.h"

namespace steward::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Reads : public DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    ASSERT_TRUE(CreateRole("roles/agent").ok());
    ASSERT_TRUE(CreateTeam("teams/east").ok());
    ASSERT_TRUE(Create(Person("members/boss")).ok());
    pb::Member member = Person("members/now", "members/boss");
    member.add_roles()->set_role("roles/agent");
    member.add_teams()->set_team("teams/east");
    ASSERT_TRUE(Create(member).ok());
    member = Person("members/past");
    member.add_roles()->set_role("roles/agent");
    SetPeriod(member.mutable_roles(0)->mutable_period(), std::nullopt, kStart);
    ASSERT_TRUE(Create(member).ok());
    pb::Member robot;
    robot.set_name("members/robot");
    robot.set_kind(pb::Member::SYSTEM);
    ASSERT_TRUE(Create(robot).ok());
    ASSERT_TRUE(Create(Person("members/gone")).ok());
    ASSERT_TRUE(Deactivate("members/gone").ok());
  }
  std::vector<std::string> Names(const std::string& filter) {
    pb::ListMembersRequest request;
    request.set_filter(filter);
    const auto response = Do(&DirectoryApi::ListMembers, request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> names;
    for (const pb::Member& member : response->members()) {
      names.push_back(member.name());
    }
    return names;
  }
};

TEST_F(Reads, FiltersAsOfNow) {
  EXPECT_THAT(Names(""), ElementsAre("members/boss", "members/gone", "members/now", "members/past",
                                     "members/robot"));
  EXPECT_THAT(Names("role = \"roles/agent\""), ElementsAre("members/now"));
  EXPECT_THAT(Names("team = \"teams/east\" AND superior = \"members/boss\""),
              ElementsAre("members/now"));
  EXPECT_THAT(Names("kind = SYSTEM"), ElementsAre("members/robot"));
  EXPECT_THAT(Names("active = false"), ElementsAre("members/gone"));
  EXPECT_THAT(Names("active = true AND kind = PERSON"),
              ElementsAre("members/boss", "members/now", "members/past"));
}

TEST_F(Reads, AFilterThatMeansNothingIsRefused) {
  for (const char* filter :
       {"salary = 3", "kind = ROBOT", "active = maybe", "kind = PERSON AND kind = SYSTEM"}) {
    pb::ListMembersRequest request;
    request.set_filter(filter);
    const auto response = Do(&DirectoryApi::ListMembers, request);
    EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument) << filter;
    EXPECT_THAT(FieldsOf(response.status()), ElementsAre("filter")) << filter;
  }
}

TEST_F(Reads, PagesGoThroughEverythingOnce) {
  pb::ListMembersRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  int pages = 0;
  do {
    const auto response = Do(&DirectoryApi::ListMembers, request);
    ASSERT_TRUE(response.ok()) << response.status();
    for (const pb::Member& member : response->members()) {
      names.push_back(member.name());
    }
    request.set_page_token(response->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(names, ElementsAre("members/boss", "members/gone", "members/now", "members/past",
                                 "members/robot"));
}

TEST_F(Reads, APageTokenBelongsToItsQuery) {
  pb::ListMembersRequest request;
  request.set_page_size(1);
  request.set_page_token(Do(&DirectoryApi::ListMembers, request)->next_page_token());
  request.set_filter("active = true");
  EXPECT_EQ(ReasonOf(Do(&DirectoryApi::ListMembers, request).status()), "PAGE_TOKEN_INVALID");
  pb::ListTeamsRequest teams;
  teams.set_page_token(request.page_token());
  EXPECT_EQ(ReasonOf(Do(&DirectoryApi::ListTeams, teams).status()), "PAGE_TOKEN_INVALID");
}

TEST_F(Reads, BatchGetAnswersInOrderOrNotAtAll) {
  pb::BatchGetMembersRequest request;
  request.add_names("members/robot");
  request.add_names("members/boss");
  const auto both = Do(&DirectoryApi::BatchGetMembers, request);
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(both->members(0).name(), "members/robot");
  EXPECT_EQ(both->members(1).name(), "members/boss");
  request.add_names("members/ghost");
  const auto missing = Do(&DirectoryApi::BatchGetMembers, request);
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MetadataOf(missing.status(), "name"), "members/ghost");
  for (int i = 0; i < 100; ++i) {
    request.add_names("members/boss");
  }
  EXPECT_EQ(Do(&DirectoryApi::BatchGetMembers, request).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(Reads, TeamsAndRoles) {
  pb::GetTeamRequest team;
  team.set_name("teams/east");
  EXPECT_EQ(Do(&DirectoryApi::GetTeam, team)->name(), "teams/east");
  team.set_name("teams/ghost");
  EXPECT_EQ(Do(&DirectoryApi::GetTeam, team).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Do(&DirectoryApi::ListRoles, pb::ListRolesRequest())->roles_size(), 1);
  pb::GetRoleRequest role;
  role.set_name("roles/agent");
  EXPECT_EQ(Do(&DirectoryApi::GetRole, role)->display_names().at("en"), "roles/agent");
}

TEST_F(Reads, GaugesCountMembersByStatus) {
  const MemberGauges gauges(metrics_, org_, clock_);
  EXPECT_TRUE(testing::Eventually(Seconds(5), [&] {
    const std::string text = metrics_.Text();
    return text.find("steward_directory_members{status=\"active\"} 4") != std::string::npos &&
           text.find("steward_directory_members{status=\"inactive\"} 1") != std::string::npos &&
           text.find("steward_directory_members{status=\"without_superior\"} 2") !=
               std::string::npos;
  }));
}

}  // namespace
}  // namespace steward::directory
