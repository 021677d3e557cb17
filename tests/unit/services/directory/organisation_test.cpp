#include "services/directory/domain/organisation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace steward::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Time kNow = Time{} + Hours(1000);

std::string MetadataOf(const absl::Status& status, std::string_view key) {
  for (const auto& [name, value] : RefusalOf(status).value_or(Refusal{}).metadata) {
    if (name == key) {
      return value;
    }
  }
  return "";
}

Member Under(const std::string& name, const std::string& superior, Period period = {}) {
  Member member;
  member.name = {name};
  member.placement.superiors = {{{superior}, period}};
  return member;
}

Member Free(const std::string& name) {
  Member member;
  member.name = {name};
  return member;
}

Team TeamUnder(const std::string& name, const std::string& parent) {
  Team team;
  team.name = {name};
  team.parent = {parent};
  return team;
}

TEST(OrganisationCycles, ALineToTheTopIsFine) {
  Organisation organisation;
  organisation.Put(Under("members/a", "members/b"));
  organisation.Put(Under("members/b", "members/c"));
  organisation.Put(Free("members/c"));
  EXPECT_TRUE(organisation.CheckNoCycle(MemberName{"members/a"}).ok());
}

TEST(OrganisationCycles, OneselfIsACycle) {
  Organisation organisation;
  organisation.Put(Under("members/a", "members/a"));
  const absl::Status status = organisation.CheckNoCycle(MemberName{"members/a"});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "REPORTING_CYCLE");
  EXPECT_EQ(MetadataOf(status, "cycle"), "members/a -> members/a");
}

TEST(OrganisationCycles, NamesThreeInACycle) {
  Organisation organisation;
  organisation.Put(Under("members/a", "members/b"));
  organisation.Put(Under("members/b", "members/c"));
  organisation.Put(Under("members/c", "members/a"));
  const absl::Status status = organisation.CheckNoCycle(MemberName{"members/a"});
  EXPECT_EQ(MetadataOf(status, "cycle"), "members/a -> members/b -> members/c -> members/a");
  EXPECT_EQ(MetadataOf(status, "since"), "always");
}

TEST(OrganisationCycles, NamesTheInstantOfAFutureCycle) {
  Organisation organisation;
  organisation.Put(Under("members/a", "members/b", {kMinTime, kNow + Hours(48)}));
  organisation.Put(Under("members/b", "members/a", {kNow + Hours(24), kMaxTime}));
  const absl::Status status = organisation.CheckNoCycle(MemberName{"members/a"});
  EXPECT_EQ(ReasonOf(status), "REPORTING_CYCLE");
  EXPECT_EQ(MetadataOf(status, "since"), FormatTime(kNow + Hours(24)));
}

TEST(OrganisationCycles, EdgesThatNeverHoldTogetherAreNoCycle) {
  Organisation organisation;
  organisation.Put(Under("members/a", "members/b", {kMinTime, kNow}));
  organisation.Put(Under("members/b", "members/a", {kNow, kMaxTime}));
  EXPECT_TRUE(organisation.CheckNoCycle(MemberName{"members/a"}).ok());
  EXPECT_TRUE(organisation.CheckNoCycle(MemberName{"members/b"}).ok());
}

TEST(OrganisationCycles, ACycleOfThreeThatNeverHoldsAtOneInstantIsNone) {
  Organisation organisation;
  organisation.Put(Under("members/a", "members/b", {kNow, kNow + Hours(2)}));
  organisation.Put(Under("members/b", "members/c", {kNow + Hours(1), kNow + Hours(3)}));
  organisation.Put(Under("members/c", "members/a", {kNow + Hours(2), kNow + Hours(4)}));
  EXPECT_TRUE(organisation.CheckNoCycle(MemberName{"members/a"}).ok());
}

TEST(OrganisationCycles, TeamsToo) {
  Organisation organisation;
  organisation.Put(TeamUnder("teams/a", "teams/b"));
  organisation.Put(TeamUnder("teams/b", "teams/a"));
  const absl::Status status = organisation.CheckNoCycle(TeamName{"teams/b"});
  EXPECT_EQ(ReasonOf(status), "TEAM_CYCLE");
  EXPECT_EQ(MetadataOf(status, "cycle"), "teams/b -> teams/a -> teams/b");
}

// Against the plain definition: at some instant, going up from the member comes back to somebody.
TEST(OrganisationCycles, AgreesWithLookingAtEveryInstant) {
  EXPECT_TRUE(rc::check([] {
    const int members = *rc::gen::inRange(2, 6);
    Organisation organisation;
    std::map<std::string, std::vector<SuperiorHeld>> lines;
    for (int i = 0; i < members; ++i) {
      Member member = Free("members/" + std::to_string(i));
      const int cut = *rc::gen::inRange(1, 9);
      const int first = *rc::gen::inRange(-1, members), second = *rc::gen::inRange(-1, members);
      if (first >= 0) {
        member.placement.superiors.push_back(
            {{"members/" + std::to_string(first)}, {Time{0}, Time{cut}}});
      }
      if (second >= 0) {
        member.placement.superiors.push_back(
            {{"members/" + std::to_string(second)}, {Time{cut}, Time{10}}});
      }
      lines[member.name.value] = member.placement.superiors;
      organisation.Put(member);
    }
    const auto meets_itself = [&](std::string at, Time now) {
      std::set<std::string> seen;
      while (seen.insert(at).second) {
        const auto& held = lines[at];
        const auto step = std::find_if(held.begin(), held.end(),
                                       [&](const auto& s) { return s.period.Contains(now); });
        if (step == held.end()) {
          return false;
        }
        at = step->member.value;
      }
      return true;
    };
    for (const auto& [name, line] : lines) {
      bool expected = false;
      for (int64_t now = 0; now < 10; ++now) {
        expected = expected || meets_itself(name, Time{now});
      }
      RC_ASSERT(organisation.CheckNoCycle(MemberName{name}).ok() == !expected);
    }
  }));
}

TEST(OrganisationReferences, NamesWhatDoesNotExist) {
  Organisation organisation;
  Member member = Under("members/a", "members/ghost");
  member.placement.roles = {{{"roles/ghost"}, {}}};
  member.placement.teams = {{{"teams/ghost"}, {}, false}};
  organisation.Put(member);
  EXPECT_THAT(organisation.CheckReferences(member),
              ElementsAre(FieldViolation{"roles[0].role", "roles/ghost does not exist"},
                          FieldViolation{"teams[0].team", "teams/ghost does not exist"},
                          FieldViolation{"superiors[0].member", "members/ghost does not exist"}));
  EXPECT_THAT(organisation.CheckReferences(TeamUnder("teams/a", "teams/ghost")),
              ElementsAre(FieldViolation{"parent", "teams/ghost does not exist"}));
}

TEST(OrganisationReferences, AServiceAccountIsNobodysSuperior) {
  Organisation organisation;
  Member robot = Free("members/robot");
  robot.placement.kind = MemberKind::kSystem;
  const Member agent = Under("members/agent", "members/robot");
  organisation.Put(robot);
  organisation.Put(agent);
  EXPECT_THAT(
      organisation.CheckReferences(agent),
      ElementsAre(FieldViolation{"superiors[0].member", "members/robot is a service account"}));
  EXPECT_THAT(organisation.CheckReferences(robot),
              ElementsAre(FieldViolation{"kind", "SYSTEM: members/agent has it as superior"}));
}

TEST(OrganisationAdmin, NeedsAnActiveHolderNow) {
  Organisation organisation;
  Role admin;
  admin.name = {"roles/admin"};
  admin.grants = {"admin"};
  organisation.Put(admin);
  Member member = Free("members/a");
  member.placement.roles = {{{"roles/admin"}, {kNow, kNow + Hours(1)}}};
  organisation.Put(member);
  EXPECT_FALSE(organisation.HasAdmin(kNow - Hours(1)));
  EXPECT_TRUE(organisation.HasAdmin(kNow));
  EXPECT_FALSE(organisation.HasAdmin(kNow + Hours(1)));
  member.active = false;
  organisation.Put(member);
  EXPECT_FALSE(organisation.HasAdmin(kNow));
}

}  // namespace
}  // namespace steward::directory
