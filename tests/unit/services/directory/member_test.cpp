#include "services/directory/domain/member.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steward::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Time kNow = Time{} + Hours(1000);

Member Somebody() {
  Member member;
  member.name = {"members/a"};
  member.profile.display_name = "Agent";
  member.Add(kNow);
  return member;
}

std::vector<std::string> FieldsAtFault(const Member& member) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : member.Check()) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(MemberCheck, AcceptsEveryKindOfEntry) {
  Member member = Somebody();
  member.profile = {"Agent East 1", "东区客服一号", "agent@example.com", "+8613800000000",
                    "idp|77"};
  member.placement.roles = {{{"roles/sales-rep"}, {}}};
  member.placement.teams = {{{"teams/east"}, {}, true}};
  member.placement.superiors = {{{"members/b"}, {}}};
  member.placement.leaves = {{kNow, kNow + Hours(8)}};
  EXPECT_THAT(member.Check(), IsEmpty());
}

TEST(MemberCheck, NamesEachFieldAtFault) {
  Member member = Somebody();
  member.name = {"people/a"};
  member.profile.email = "nobody";
  member.profile.mobile = "13800000000";
  member.profile.external_subject = "members/other";
  member.placement.roles = {{{"ceo"}, {}}};
  EXPECT_THAT(FieldsAtFault(member),
              ElementsAre("name", "email", "mobile", "external_subject", "roles[0].role"));
}

TEST(MemberCheck, RefusesPeriodsWithoutLength) {
  Member member = Somebody();
  member.placement.superiors = {{{"members/b"}, {kNow, kNow}}};
  member.placement.leaves = {{kNow, kNow + Hours(1)}, {kNow, kNow - Hours(1)}};
  EXPECT_THAT(FieldsAtFault(member), ElementsAre("superiors[0].period", "leaves[1]"));
}

TEST(MemberCheck, RefusesTwoSuperiorsAtOnce) {
  Member member = Somebody();
  member.placement.superiors = {{{"members/b"}, {kMinTime, kNow}},
                                {{"members/c"}, {kNow - Hours(1), kMaxTime}}};
  EXPECT_THAT(member.Check(),
              ElementsAre(FieldViolation{"superiors[1].period", "overlaps superiors[0]"}));
}

TEST(MemberCheck, OneSuperiorMayFollowAnotherWithoutGap) {
  Member member = Somebody();
  member.placement.superiors = {{{"members/b"}, {kMinTime, kNow}},
                                {{"members/c"}, {kNow, kMaxTime}}};
  EXPECT_THAT(member.Check(), IsEmpty());
}

TEST(MemberCheck, RefusesTheSameRoleTwiceAtOnceButNotAnother) {
  Member member = Somebody();
  member.placement.roles = {{{"roles/x"}, {}}, {{"roles/y"}, {}}, {{"roles/x"}, {kNow, kMaxTime}}};
  EXPECT_THAT(FieldsAtFault(member), ElementsAre("roles[2].period"));
}

TEST(MemberCheck, RefusesTooManyEntries) {
  Member member = Somebody();
  member.placement.leaves.assign(101, Period{kNow, kNow + Hours(1)});
  EXPECT_THAT(FieldsAtFault(member), ElementsAre("leaves"));
}

TEST(MemberCheck, ServiceAccountsHaveNoSuperior) {
  Member member = Somebody();
  member.placement.kind = MemberKind::kSystem;
  member.placement.superiors = {{{"members/b"}, {}}};
  EXPECT_THAT(FieldsAtFault(member), ElementsAre("superiors"));
}

// The whole table: every action in every state.
TEST(MemberMoves, AllPairs) {
  struct Case {
    bool active;
    MemberAction action;
    bool legal;
    bool active_after;
  };
  const Case cases[] = {
      {true, MemberAction::kUpdate, true, true},
      {false, MemberAction::kUpdate, true, false},
      {true, MemberAction::kDeactivate, true, false},
      {false, MemberAction::kDeactivate, false, false},
      {true, MemberAction::kReactivate, false, true},
      {false, MemberAction::kReactivate, true, true},
  };
  for (const Case& c : cases) {
    Member member = Somebody();
    member.active = c.active;
    Profile profile = member.profile;
    profile.display_name = "Other";
    absl::Status status;
    switch (c.action) {
      case MemberAction::kUpdate:
        status = member.Update(profile, member.placement, kNow + Hours(1)).status();
        break;
      case MemberAction::kDeactivate:
        status = member.Deactivate(kNow + Hours(1));
        break;
      case MemberAction::kReactivate:
        status = member.Reactivate(kNow + Hours(1));
        break;
    }
    EXPECT_EQ(status.ok(), c.legal);
    EXPECT_EQ(member.active, c.active_after);
    EXPECT_EQ(member.version, c.legal ? 2 : 1);
    EXPECT_EQ(member.update_time, c.legal ? kNow + Hours(1) : kNow);
  }
}

TEST(MemberMoves, ARefusalNamesWhatIsAllowed) {
  Member member = Somebody();
  const absl::Status status = member.Reactivate(kNow);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION");
  EXPECT_THAT(RefusalOf(status)->metadata,
              ElementsAre(std::pair<std::string, std::string>("from", "active"),
                          std::pair<std::string, std::string>("action", "reactivate"),
                          std::pair<std::string, std::string>("allowed", "update,deactivate")));
}

TEST(MemberMoves, AnUpdateThatChangesNothingKeepsTheVersion) {
  Member member = Somebody();
  EXPECT_FALSE(*member.Update(member.profile, member.placement, kNow + Hours(1)));
  EXPECT_EQ(member.version, 1);
  EXPECT_EQ(member.update_time, kNow);
}

}  // namespace
}  // namespace steward::directory
