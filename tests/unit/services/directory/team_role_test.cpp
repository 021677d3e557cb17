#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/directory/domain/role.h"
#include "services/directory/domain/team.h"

namespace steward::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Fields(const Violations& violations) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(TeamCheck, AcceptsATeam) {
  const Team team{{"teams/east"}, {{"en", "East"}, {"zh-Hans", "东区"}}, {"teams/all"}, "east", 1};
  EXPECT_THAT(team.Check(), IsEmpty());
}

TEST(TeamCheck, NamesEachFieldAtFault) {
  const Team team{{"team/east"}, {{"en", ""}, {"fr", "Est"}}, {"east"}, "far east", 1};
  EXPECT_THAT(Fields(team.Check()),
              ElementsAre("name", "display_names[en]", "display_names[fr]", "parent", "region"));
}

TEST(TeamCheck, NeedsAName) {
  EXPECT_THAT(Fields(Team{{"teams/east"}, {}, {}, "", 1}.Check()), ElementsAre("display_names"));
}

TEST(TeamUpdate, CountsOnlyChanges) {
  Team team{{"teams/east"}, {{"en", "East"}}, {}, "east", 1};
  EXPECT_FALSE(team.Update(Team{{"teams/east"}, {{"en", "East"}}, {}, "east", 0}));
  EXPECT_EQ(team.version, 1);
  EXPECT_TRUE(team.Update(Team{{"teams/east"}, {{"en", "East"}}, {"teams/all"}, "east", 0}));
  EXPECT_EQ(team.version, 2);
}

TEST(RoleCheck, RefusesUnknownAndRepeatedGrants) {
  const Role role{{"roles/x"}, {{"en", "X"}}, {"agent", "root", "agent"}, "", 1};
  EXPECT_THAT(Fields(role.Check()), ElementsAre("grants[1]", "grants[2]"));
  for (const std::string& grant : KnownGrants()) {
    EXPECT_THAT((Role{{"roles/x"}, {{"en", "X"}}, {grant}, "", 1}.Check()), IsEmpty());
  }
}

TEST(RoleUpdate, CountsOnlyChanges) {
  Role role{{"roles/x"}, {{"en", "X"}}, {"agent"}, "seed 003", 1};
  EXPECT_FALSE(role.Update(role));
  EXPECT_TRUE(role.Update(Role{{"roles/x"}, {{"en", "X"}}, {"agent", "admin"}, "seed 003", 0}));
  EXPECT_EQ(role.version, 2);
  EXPECT_TRUE(role.Grants("admin"));
}

}  // namespace
}  // namespace steward::directory
