// What spans rows: references, cycles, the last admin.

#include <thread>

#include "tests/component/services/directory/fixture.h"

namespace steward::directory {
namespace {

using ::testing::ElementsAre;

class OrganisationRules : public DirectoryTest {};

TEST_F(OrganisationRules, WhatIsNamedMustExist) {
  pb::Member member = Person("members/a", "members/ghost");
  member.add_roles()->set_role("roles/ghost");
  member.add_teams()->set_team("teams/ghost");
  const auto created = Create(member);
  EXPECT_EQ(created.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      FieldsOf(created.status()),
      ElementsAre("member.roles[0].role", "member.teams[0].team", "member.superiors[0].member"));
  EXPECT_THAT(FieldsOf(CreateTeam("teams/a", "teams/ghost").status()), ElementsAre("team.parent"));
}

TEST_F(OrganisationRules, ACycleOfTwoIsNamedAndNothingIsStored) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  ASSERT_TRUE(Create(Person("members/b", "members/a")).ok());
  const auto cycle = Update(Person("members/a", "members/b"), {"superiors"});
  EXPECT_EQ(cycle.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(cycle.status()), "REPORTING_CYCLE");
  EXPECT_EQ(MetadataOf(cycle.status(), "cycle"), "members/a -> members/b -> members/a");
  EXPECT_EQ(Get("members/a")->superiors_size(), 0);
  EXPECT_EQ(Journal("members/a").size(), 1u);
}

TEST_F(OrganisationRules, ACycleOfThreeIsNamed) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  ASSERT_TRUE(Create(Person("members/b", "members/a")).ok());
  ASSERT_TRUE(Create(Person("members/c", "members/b")).ok());
  const auto cycle = Update(Person("members/a", "members/c"), {"superiors"});
  EXPECT_EQ(MetadataOf(cycle.status(), "cycle"),
            "members/a -> members/c -> members/b -> members/a");
}

TEST_F(OrganisationRules, OneselfIsNoSuperior) {
  const auto cycle = Create(Person("members/a", "members/a"));
  EXPECT_EQ(MetadataOf(cycle.status(), "cycle"), "members/a -> members/a");
}

TEST_F(OrganisationRules, ACycleOnlyInTheFutureIsRefusedWithItsInstant) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  ASSERT_TRUE(Create(Person("members/b", "members/a")).ok());
  pb::Member later = Person("members/a", "members/b");
  SetPeriod(later.mutable_superiors(0)->mutable_period(), kStart + Hours(1000), std::nullopt);
  const auto cycle = Update(later, {"superiors"});
  EXPECT_EQ(ReasonOf(cycle.status()), "REPORTING_CYCLE");
  EXPECT_EQ(MetadataOf(cycle.status(), "since"), FormatTime(kStart + Hours(1000)));
}

TEST_F(OrganisationRules, ExchangedSuperiorsOneAfterTheOtherAreFine) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  pb::Member b = Person("members/b", "members/a");
  SetPeriod(b.mutable_superiors(0)->mutable_period(), std::nullopt, kStart);
  ASSERT_TRUE(Create(b).ok());
  pb::Member a = Person("members/a", "members/b");
  SetPeriod(a.mutable_superiors(0)->mutable_period(), kStart, std::nullopt);
  EXPECT_TRUE(Update(a, {"superiors"}).ok());
}

// Both halves of a cycle at once: one of them must be refused.
TEST_F(OrganisationRules, TwoCommandsCannotCloseACycleTogether) {
  for (int round = 0; round < 5; ++round) {
    const std::string a = "members/a" + std::to_string(round),
                      b = "members/b" + std::to_string(round);
    ASSERT_TRUE(Create(Person(a)).ok());
    ASSERT_TRUE(Create(Person(b)).ok());
    absl::StatusOr<pb::Member> first, second;
    std::thread other([&] { second = Update(Person(b, a), {"superiors"}, "", 1); });
    first = Update(Person(a, b), {"superiors"}, "", 0);
    other.join();
    EXPECT_NE(first.ok(), second.ok());
  }
}

TEST_F(OrganisationRules, ATeamCycleIsNamed) {
  ASSERT_TRUE(CreateTeam("teams/a").ok());
  ASSERT_TRUE(CreateTeam("teams/b", "teams/a").ok());
  pb::UpdateTeamRequest request;
  request.mutable_team()->set_name("teams/a");
  request.mutable_team()->set_parent("teams/b");
  request.mutable_update_mask()->add_paths("parent");
  const auto cycle = Do(&DirectoryApi::UpdateTeam, request);
  EXPECT_EQ(ReasonOf(cycle.status()), "TEAM_CYCLE");
  EXPECT_EQ(MetadataOf(cycle.status(), "cycle"), "teams/a -> teams/b -> teams/a");
}

TEST_F(OrganisationRules, TeamsAndRolesAreUpdatedByMask) {
  ASSERT_TRUE(CreateTeam("teams/a", "", "east").ok());
  pb::UpdateTeamRequest team;
  team.mutable_team()->set_name("teams/a");
  team.mutable_team()->set_region("south");
  team.mutable_update_mask()->add_paths("region");
  const auto moved = Do(&DirectoryApi::UpdateTeam, team);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->region(), "south");
  EXPECT_EQ(moved->etag(), "\"2\"");
  EXPECT_EQ(moved->display_names().at("en"), "teams/a");
  EXPECT_EQ(Journal("teams/a").back().type, "team.updated");

  ASSERT_TRUE(CreateRole("roles/a", {"agent"}).ok());
  pb::UpdateRoleRequest role;
  role.mutable_role()->set_name("roles/a");
  role.mutable_role()->set_etag("\"7\"");
  EXPECT_EQ(Do(&DirectoryApi::UpdateRole, role).status().code(), absl::StatusCode::kAborted);
  role.mutable_role()->set_etag("\"1\"");
  role.mutable_role()->add_grants("auditor");
  const auto changed = Do(&DirectoryApi::UpdateRole, role);
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_THAT(changed->grants(), ElementsAre("auditor"));
}

TEST_F(OrganisationRules, TheLastActiveAdminStays) {
  ASSERT_TRUE(CreateRole("roles/admin", {"admin"}).ok());
  pb::Member admin = Person("members/admin");
  admin.add_roles()->set_role("roles/admin");
  ASSERT_TRUE(Create(admin).ok());

  const auto alone = Deactivate("members/admin");
  EXPECT_EQ(alone.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(alone.status()), "LAST_ADMIN");
  EXPECT_EQ(ReasonOf(Update(Person("members/admin"), {"roles"}).status()), "LAST_ADMIN");
  pb::UpdateRoleRequest role;
  role.mutable_role()->set_name("roles/admin");
  role.mutable_update_mask()->add_paths("grants");
  EXPECT_EQ(ReasonOf(Do(&DirectoryApi::UpdateRole, role).status()), "LAST_ADMIN");

  admin.set_name("members/second");
  ASSERT_TRUE(Create(admin).ok());
  EXPECT_TRUE(Deactivate("members/admin").ok());
}

}  // namespace
}  // namespace steward::directory
