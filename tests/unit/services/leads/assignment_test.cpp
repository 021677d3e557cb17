#include "services/leads/domain/assignment.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

Seat SeatOf(std::string member, int64_t capacity = 10) {
  return {std::move(member), {}, {}, {}, capacity};
}

Candidate Who(std::string member, int64_t load = 0, int64_t last_turn = 0) {
  return {std::move(member), true, load, {}, last_turn};
}

std::map<std::string, std::string> ReasonsOf(const Choice& choice) {
  std::map<std::string, std::string> reasons;
  for (const Verdict& verdict : choice.verdicts) {
    reasons[verdict.member] = verdict.reason;
  }
  return reasons;
}

TEST(AssignmentTest, SaysOfEachCandidateWhyNot) {
  AssignmentRule rule{"east", 3, AssignmentMethod::kRoundRobin, {}};
  for (const char* member : {"gone", "inactive", "away", "west", "food", "novice", "full", "recent",
                             "chosen", "later"}) {
    rule.seats.push_back(SeatOf(member));
    rule.seats.back().skills = {"led"};
  }
  rule.seats[3].territories = {"west"};
  rule.seats[4].industries = {"food"};
  rule.seats[5].skills = {};
  std::vector<Candidate> candidates;
  for (size_t i = 1; i < rule.seats.size(); ++i) {
    candidates.push_back(Who(rule.seats[i].member, 0, 4));
  }
  candidates[0].active = false;
  candidates[1].leave = {{kNow - Hours(1), kNow + Hours(1)}};
  candidates[5].load = 10;
  candidates[6].last_turn = 5;
  const Choice choice = Choose(rule, {"east", "retail", {"led"}}, candidates, kNow);
  EXPECT_EQ(choice.member, "chosen");
  EXPECT_EQ(choice.rule, "east");
  EXPECT_EQ(choice.rule_version, 3);
  EXPECT_EQ(ReasonsOf(choice), (std::map<std::string, std::string>{{"gone", "UNKNOWN_MEMBER"},
                                                                   {"inactive", "INACTIVE"},
                                                                   {"away", "ON_LEAVE"},
                                                                   {"west", "OTHER_TERRITORY"},
                                                                   {"food", "OTHER_INDUSTRY"},
                                                                   {"novice", "SKILL_MISSING"},
                                                                   {"full", "AT_CAPACITY"},
                                                                   {"recent", "HAD_TURN_LATER"},
                                                                   {"chosen", ""},
                                                                   {"later", "LATER_IN_ORDER"}}));
}

TEST(AssignmentTest, TakesTheLeastLoadedThenTheOneWhoWaitsLongest) {
  const AssignmentRule rule{
      "r", 1, AssignmentMethod::kLeastLoaded, {SeatOf("a"), SeatOf("b"), SeatOf("c")}};
  const Choice choice = Choose(rule, {}, {Who("a", 2), Who("b", 1, 9), Who("c", 1, 8)}, kNow);
  EXPECT_EQ(choice.member, "c");
  EXPECT_EQ(ReasonsOf(choice), (std::map<std::string, std::string>{
                                   {"a", "MORE_LOADED"}, {"b", "HAD_TURN_LATER"}, {"c", ""}}));
  EXPECT_EQ(Choose(rule, {}, {Who("c", 1), Who("b", 1), Who("a", 1)}, kNow).member, "a")
      << "ties go by the order of the seats, not of what was read";
}

TEST(AssignmentTest, LeaveEndsWithItsEnd) {
  const AssignmentRule rule{"r", 1, AssignmentMethod::kRoundRobin, {SeatOf("a")}};
  Candidate a = Who("a");
  a.leave = {{kNow, kNow + Hours(8)}};
  EXPECT_EQ(Choose(rule, {}, {a}, kNow - Microseconds(1)).member, "a");
  EXPECT_EQ(Choose(rule, {}, {a}, kNow).member, "");
  EXPECT_EQ(Choose(rule, {}, {a}, kNow + Hours(8)).member, "a");
}

TEST(AssignmentTest, AnUnknownTerritoryGoesToThoseWhoServeAll) {
  AssignmentRule rule{"r", 1, AssignmentMethod::kRoundRobin, {SeatOf("a"), SeatOf("b")}};
  rule.seats[0].territories = {"east"};
  EXPECT_EQ(Choose(rule, {}, {Who("a"), Who("b")}, kNow).member, "b");
  EXPECT_EQ(Choose(rule, {"east", "", {}}, {Who("a"), Who("b")}, kNow).member, "a");
}

TEST(AssignmentTest, NobodyIsAnAnswer) {
  const AssignmentRule rule{
      "r", 1, AssignmentMethod::kLeastLoaded, {SeatOf("a", 1), SeatOf("b", 0)}};
  const Choice choice = Choose(rule, {}, {Who("a", 1), Who("b")}, kNow);
  EXPECT_EQ(choice.member, "");
  EXPECT_EQ(ReasonsOf(choice),
            (std::map<std::string, std::string>{{"a", "AT_CAPACITY"}, {"b", "AT_CAPACITY"}}));
}

TEST(AssignmentTest, FaultsOfARule) {
  EXPECT_TRUE(FaultsOf({"r", 1, AssignmentMethod::kRoundRobin, {SeatOf("a")}}).empty());
  AssignmentRule rule{"", 0, AssignmentMethod::kRoundRobin, {}};
  EXPECT_EQ(FaultsOf(rule).size(), 3u);
  rule = {"r", 1, AssignmentMethod::kRoundRobin, {SeatOf("a"), SeatOf("a", -1), SeatOf("")}};
  const auto faults = FaultsOf(rule);
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0], (FieldViolation{"rule.seats[1].member", "`a` is listed twice"}));
  EXPECT_EQ(faults[1].field, "rule.seats[1].capacity");
  EXPECT_EQ(faults[2].field, "rule.seats[2].member");
}

}  // namespace
}  // namespace steward::leads
