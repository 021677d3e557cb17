#include "libs/identity/org.h"

#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace steward::identity {
namespace {

using directory::v1::Member;
using directory::v1::Period;

Time At(int64_t second) { return Time{second * 1'000'000}; }

Period Between(std::optional<int64_t> start, std::optional<int64_t> end) {
  Period period;
  if (start) {
    period.mutable_start_time()->set_seconds(*start);
  }
  if (end) {
    period.mutable_end_time()->set_seconds(*end);
  }
  return period;
}

// A small company: agent -> lead -> manager -> head; another manager elsewhere; a service account.
class OrgTest : public ::testing::Test {
 protected:
  OrgTest() {
    for (const char* name : {"agent", "lead", "manager", "head", "other-manager", "importer"}) {
      M(name).set_active(true);
    }
    Superior("agent", "lead", {});
    Superior("lead", "manager", {});
    Superior("manager", "head", {});
    Role("manager", "manager", {});
    Role("other-manager", "manager", {});
    Role("head", "head", {});
    Role("importer", "import", {});
    M("importer").set_kind(Member::SYSTEM);
    org_.roles["roles/manager"].add_grants("supervisor");
    org_.roles["roles/head"].add_grants("supervisor");
    org_.roles["roles/head"].add_grants("admin");
    org_.roles["roles/import"].add_grants("importer");
    Team("agent", "support", false);
    Team("lead", "support", true);
    org_.teams["teams/support"].set_parent("teams/service");
    org_.teams["teams/service"];
    org_.teams["teams/a-night-shift"].set_parent("teams/support");
  }
  directory::events::v1::MemberState& M(const std::string& id) {
    return org_.members["members/" + id];
  }
  void Superior(const std::string& member, const std::string& superior, const Period& period) {
    auto* added = M(member).add_superiors();
    added->set_member("members/" + superior);
    *added->mutable_period() = period;
  }
  void Role(const std::string& member, const std::string& role, const Period& period) {
    auto* added = M(member).add_roles();
    added->set_role("roles/" + role);
    *added->mutable_period() = period;
  }
  void Team(const std::string& member, const std::string& team, bool lead) {
    auto* added = M(member).add_teams();
    added->set_team("teams/" + team);
    added->set_lead(lead);
  }
  void Leave(const std::string& member, std::optional<int64_t> start, std::optional<int64_t> end) {
    *M(member).add_leaves() = Between(start, end);
  }
  Recipient Resolve(const char* role, const char* member, const char* team = "",
                    const char* fallback = "") {
    return org_.Resolve(role, member, team, fallback, At(5));
  }

  Org org_;
};

#define EXPECT_RECIPIENT(call, who, why) \
  do {                                   \
    const Recipient r = (call);          \
    EXPECT_EQ(r.member, who);            \
    EXPECT_EQ(r.basis, why);             \
  } while (false)

TEST_F(OrgTest, PeriodsIncludeTheirStartOnly) {
  Leave("agent", 10, 20);
  EXPECT_FALSE(org_.OnLeave("members/agent", At(9)));
  EXPECT_TRUE(org_.OnLeave("members/agent", At(10)));
  EXPECT_TRUE(org_.OnLeave("members/agent", At(19)));
  EXPECT_FALSE(org_.OnLeave("members/agent", At(20)));
}

TEST_F(OrgTest, NearestPresentHolderAbove) {
  EXPECT_RECIPIENT(Resolve("roles/manager", "members/agent"), "members/manager", "holder");
  EXPECT_RECIPIENT(Resolve("roles/head", "members/agent"), "members/head", "holder");
}

TEST_F(OrgTest, TheMemberItselfIsNotAbove) {
  EXPECT_RECIPIENT(Resolve("roles/head", "members/head"), "members/head", "anywhere");
  Role("head", "manager", {});
  EXPECT_RECIPIENT(Resolve("roles/manager", "members/manager"), "members/head", "holder");
}

TEST_F(OrgTest, AbsentHolderGoesToTheNextAbove) {
  Leave("manager", 0, 10);
  EXPECT_RECIPIENT(Resolve("roles/manager", "members/agent"), "members/head", "above");
  M("head").set_active(false);  // nobody left above: a holder elsewhere
  EXPECT_RECIPIENT(Resolve("roles/manager", "members/agent"), "members/other-manager", "anywhere");
}

TEST_F(OrgTest, DeactivatedHolderIsAbsentAndTheLineGoesOn) {
  M("manager").set_active(false);
  EXPECT_RECIPIENT(Resolve("roles/manager", "members/agent"), "members/head", "above");
}

TEST_F(OrgTest, NoHolderAboveMeansLowestAnywhere) {
  EXPECT_RECIPIENT(Resolve("roles/manager", "members/head"), "members/manager", "anywhere");
  Leave("manager", 0, 10);
  EXPECT_RECIPIENT(Resolve("roles/manager", "members/head"), "members/other-manager", "anywhere");
}

TEST_F(OrgTest, WithoutMemberTheTeamsLeadIsAsked) {
  EXPECT_RECIPIENT(Resolve("roles/manager", "", "teams/support"), "members/manager", "holder");
  Role("lead", "team-lead", {});
  EXPECT_RECIPIENT(Resolve("roles/team-lead", "", "teams/support"), "members/lead", "holder");
  EXPECT_RECIPIENT(Resolve("roles/manager", "", "teams/service"), "members/manager", "anywhere");
  EXPECT_RECIPIENT(Resolve("roles/manager", "", ""), "members/manager", "anywhere");
}

TEST_F(OrgTest, FallbackRoleThenNobody) {
  EXPECT_RECIPIENT(Resolve("roles/nobody", "members/agent", "", "roles/head"), "members/head",
                   "fallback");
  EXPECT_RECIPIENT(Resolve("roles/nobody", "members/agent", "", "roles/nothing"), "", "none");
  EXPECT_RECIPIENT(Resolve("roles/nobody", "members/agent"), "", "none");
}

TEST_F(OrgTest, ServiceAccountsHaveGrantsButAreNeverTold) {
  EXPECT_EQ(org_.GrantsOf("members/importer", At(5)), (std::vector<std::string>{"importer"}));
  EXPECT_RECIPIENT(Resolve("roles/import", "members/agent"), "", "none");
  Superior("importer", "head", {});
  EXPECT_EQ(org_.SuperiorOf("members/importer", At(5)), std::nullopt);
  Superior("head", "importer", {});
  EXPECT_EQ(org_.SuperiorOf("members/head", At(5)), std::nullopt);
}

TEST_F(OrgTest, RolesAndGrantsFollowTheirPeriods) {
  Role("agent", "head", Between(10, 20));
  EXPECT_TRUE(org_.GrantsOf("members/agent", At(9)).empty());
  EXPECT_EQ(org_.GrantsOf("members/agent", At(10)),
            (std::vector<std::string>{"admin", "supervisor"}));
  EXPECT_EQ(org_.RolesOf("members/agent", At(15)), (std::vector<std::string>{"roles/head"}));
  EXPECT_TRUE(org_.GrantsOf("members/agent", At(20)).empty());
}

TEST_F(OrgTest, LinesAboveAndBelow) {
  EXPECT_EQ(org_.LineAbove("members/agent", At(5)),
            (std::vector<std::string>{"members/agent", "members/lead", "members/manager",
                                      "members/head"}));
  EXPECT_EQ(org_.LineAbove("members/stranger", At(5)),
            (std::vector<std::string>{"members/stranger"}));
  EXPECT_EQ(org_.Below("members/manager", At(5)),
            (std::vector<std::string>{"members/agent", "members/lead"}));
  EXPECT_TRUE(org_.IsAbove("members/head", "members/agent", At(5)));
  EXPECT_FALSE(org_.IsAbove("members/agent", "members/agent", At(5)));
}

TEST_F(OrgTest, TeamsComeWithTheTeamsUnderThem) {
  EXPECT_EQ(org_.TeamsOf("members/agent", false, At(5)),
            (std::vector<std::string>{"teams/a-night-shift", "teams/support"}));
  EXPECT_TRUE(org_.TeamsOf("members/agent", true, At(5)).empty());
  EXPECT_EQ(org_.TeamsOf("members/lead", true, At(5)).size(), 2u);
  org_.teams["teams/service"].set_parent("teams/a-night-shift");  // a cycle ends, too
  EXPECT_EQ(org_.TeamsOf("members/lead", true, At(5)).size(), 3u);
}

TEST_F(OrgTest, TheTeamIsTheFirstOfTheListThatHoldsThen) {
  EXPECT_EQ(org_.TeamOf("members/agent", At(5)), "teams/support");
  Team("agent", "a-night-shift", true);
  EXPECT_EQ(org_.TeamOf("members/agent", At(5)), "teams/support") << "not the lowest, not the led";
  *M("agent").mutable_teams(0)->mutable_period() = Between({}, 5);
  EXPECT_EQ(org_.TeamOf("members/agent", At(4)), "teams/support");
  EXPECT_EQ(org_.TeamOf("members/agent", At(5)), "teams/a-night-shift");
  EXPECT_EQ(org_.TeamOf("members/importer", At(5)), std::nullopt);
  EXPECT_EQ(org_.TeamOf("members/stranger", At(5)), std::nullopt);
}

TEST_F(OrgTest, TheLowestPresentLeadLeads) {
  EXPECT_EQ(org_.LeadOf("teams/support", At(5)), "members/lead");
  Team("head", "support", true);
  EXPECT_EQ(org_.LeadOf("teams/support", At(5)), "members/head");
  M("head").set_active(false);
  EXPECT_EQ(org_.LeadOf("teams/support", At(5)), "members/lead");
  EXPECT_EQ(org_.LeadOf("teams/service", At(5)), std::nullopt);
}

TEST_F(OrgTest, CyclesCountOnlyWhenTheirPeriodsMeet) {
  EXPECT_TRUE(org_.CheckAcyclic().ok());
  M("manager").clear_superiors();
  Superior("manager", "head", Between(std::nullopt, 100));
  Superior("head", "agent", Between(100, 200));
  EXPECT_TRUE(org_.CheckAcyclic().ok());
  M("manager").mutable_superiors(0)->mutable_period()->mutable_end_time()->set_seconds(101);
  const absl::Status status = org_.CheckAcyclic();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "REPORTING_CYCLE");
  EXPECT_EQ(RefusalOf(status)->metadata[0].second,
            "members/agent -> members/lead -> members/manager -> members/head -> members/agent");
}

TEST_F(OrgTest, NobodyLeadsThemselves) {
  Superior("head", "head", Between(50, std::nullopt));
  EXPECT_EQ(RefusalOf(org_.CheckAcyclic())->metadata[0].second, "members/head -> members/head");
}

}  // namespace
}  // namespace steward::identity
