// Facts to clocks: matching, holds, reopening, arrival in any order.

#include "services/sla/domain/plan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "tests/unit/services/sla/clock_cases.h"

namespace steward::sla::testing {
namespace {

TEST(PlanSubject, StartsOneClockPerMatchingPolicy) {
  const SubjectPlan plan = Plan({Registered()}, Rules({FirstResponse(), Closure()}));
  ASSERT_EQ(plan.clocks.size(), 2u);
  EXPECT_EQ(plan.clocks[0].policy, "policies/closure");
  EXPECT_EQ(*plan.clocks[1].due, kStart + Hours(48));
}

TEST(PlanSubject, AStopAtDueIsMetAndOneMicrosecondLaterMissed) {
  const RuleSet rules = Rules({FirstResponse()});
  EXPECT_EQ(
      Only(Plan({Registered(), Happened(2, "ticket.first_responded", Hours(48))}, rules)).state,
      RunState::kMet);
  EXPECT_EQ(
      Only(Plan({Registered(), Happened(2, "ticket.first_responded", Hours(48) + Microseconds(1))},
                rules))
          .state,
      RunState::kMissed);
}

TEST(PlanSubject, HoldsPauseOnlyWhereThePolicyListsThem) {
  const std::vector<Fact> facts = {Registered(),
                                   Happened(2, "ticket.held", Hours(10), "waiting_customer"),
                                   Happened(3, "ticket.resumed", Hours(15), "waiting_customer")};
  EXPECT_EQ(*Only(Plan(facts, Rules({FirstResponse()}))).due, kStart + Hours(48));
  EXPECT_EQ(*Only(Plan(facts, Rules({Closure()}))).due, kStart + Hours(105));
}

TEST(PlanSubject, OverlappingCausesEndWithTheLast) {
  const ClockPlan plan =
      Only(Plan({Registered(), Happened(2, "ticket.held", Hours(10), "waiting_customer"),
                 Happened(3, "ticket.held", Hours(12), "waiting_parts"),
                 Happened(4, "ticket.resumed", Hours(15), "waiting_customer")},
                Rules({Closure()})));
  EXPECT_EQ(plan.state, RunState::kPaused);
  EXPECT_EQ(plan.open_causes, std::vector<std::string>{"waiting_parts"});
}

TEST(PlanSubject, ReopeningContinuesTheClosureButNeverTheFirstResponse) {
  const std::vector<Fact> facts = {Registered(), Happened(2, "ticket.first_responded", Hours(1)),
                                   Happened(3, "ticket.closed", Hours(20)),
                                   Happened(4, "ticket.reopened", Hours(50))};
  const SubjectPlan plan = Plan(facts, Rules({FirstResponse(), Closure()}));
  EXPECT_EQ(plan.clocks[0].state, RunState::kRunning);
  EXPECT_EQ(*plan.clocks[0].due, kStart + Hours(130));
  EXPECT_EQ(plan.clocks[1].state, RunState::kMet);
}

TEST(PlanSubject, ReopeningMayGiveAFreshTarget) {
  Policy fresh = Closure();
  fresh.on_reopen = OnReopen::kNewCycle;
  const ClockPlan plan = Only(Plan({Registered(), Happened(2, "ticket.closed", Hours(20)),
                                    Happened(3, "ticket.reopened", Hours(50))},
                                   Rules({fresh})));
  EXPECT_EQ(plan.cycle, 2);
  EXPECT_EQ(*plan.due, kStart + Hours(150));
}

TEST(PlanSubject, ASeverityChangeMatchesAgainAndKeepsTheTimeUsed) {
  Policy ordinary = FirstResponse();
  ordinary.match.severities = {"ordinary"};
  Policy major = FirstResponse();
  major.name = "policies/major";
  major.match.severities = {"major"};
  major.target.amount = Hours(24);
  const SubjectPlan plan =
      Plan({Registered(), Severity(2, "major", Hours(10))}, Rules({ordinary, major}));
  ASSERT_EQ(plan.clocks.size(), 2u);
  EXPECT_EQ(plan.clocks[0].state, RunState::kCancelled);
  EXPECT_EQ(plan.clocks[0].cancel_reason, "no_longer_matches");
  EXPECT_EQ(*plan.clocks[1].due, kStart + Hours(24));
}

TEST(PlanSubject, AChangeNeverBreachesAtOnce) {
  Policy ordinary = FirstResponse();
  ordinary.match.severities = {"ordinary"};
  Policy major = FirstResponse();
  major.name = "policies/major";
  major.match.severities = {"major"};
  major.target.amount = Hours(4);
  const RuleSet rules = Rules({ordinary, major});
  EXPECT_EQ(*Plan({Registered(), Severity(2, "major", Hours(10))}, rules).clocks[1].due,
            kStart + Hours(14));
  // The full new target, but not past the old due.
  EXPECT_EQ(*Plan({Registered(), Severity(2, "major", Hours(46))}, rules).clocks[1].due,
            kStart + Hours(48));
}

TEST(PlanSubject, ACancelledSubjectCancelsItsOpenClocks) {
  const ClockPlan plan = Only(
      Plan({Registered(), Happened(2, "ticket.cancelled", Hours(1))}, Rules({FirstResponse()})));
  EXPECT_EQ(plan.state, RunState::kCancelled);
  EXPECT_EQ(plan.cancel_reason, "subject_cancelled");
}

TEST(PlanSubject, APolicyPutIntoForceLaterDoesNotReachBack) {
  const std::vector<Fact> facts = {Registered(), Happened(2, "ticket.assigned", Hours(1))};
  EXPECT_TRUE(PlanSubject(facts, Rules({FirstResponse()}), {}, kNoFreshFact).clocks.empty());
}

TEST(PlanSubject, APolicyPutIntoForceLaterStartsAtTheNextChange) {
  const std::vector<Fact> facts = {Registered(), Severity(2, "major", Hours(200))};
  const RuleSet rules = Rules({FirstResponse()});
  const ClockPlan begun = Only(PlanSubject(facts, rules, {}, 2));
  EXPECT_EQ(begun.start, kStart + Hours(200));
  // And stays there when more is learnt.
  const std::map<std::string, Pin> pins = {{"policies/first", {1, 0, begun.since}}};
  EXPECT_EQ(Only(PlanSubject(facts, rules, pins, kNoFreshFact)).start, kStart + Hours(200));
}

TEST(PlanSubject, TheVersionIsChosenByTheStartEventsTime) {
  RuleSet rules = Rules({FirstResponse()});
  Policy second = FirstResponse();
  second.version = 2;
  second.target.amount = Hours(10);
  rules.versions[{second.name, 2}] = second;
  rules.in_force[second.name].push_back({second, kStart + Hours(1), {}});
  EXPECT_EQ(Only(Plan({Registered()}, rules)).policy_version, 1);
  Fact later = Registered();
  later.occurred_at = kStart + Hours(1);
  EXPECT_EQ(Only(Plan({later}, rules)).policy_version, 2);
}

TEST(PlanSubject, StrictestKeepsTheClockThatIsDueFirst) {
  Policy a = FirstResponse(), b = FirstResponse();
  a.same_metric = b.same_metric = SameMetric::kStrictest;
  b.name = "policies/tighter";
  b.target.amount = Hours(2);
  const SubjectPlan plan = Plan({Registered()}, Rules({a, b}));
  EXPECT_EQ(Only(plan).policy, "policies/tighter");
  EXPECT_EQ(plan.losers, std::vector<std::string>{"policies/first: outranked by policies/tighter"});
}

TEST(PlanSubject, MostSpecificCountsConditionsThenDueThenName) {
  Policy general = FirstResponse(), special = FirstResponse();
  general.same_metric = special.same_metric = SameMetric::kMostSpecific;
  general.target.amount = Hours(2);
  special.name = "policies/special";
  special.match.severities = {"ordinary"};
  EXPECT_EQ(Only(Plan({Registered()}, Rules({general, special}))).policy, "policies/special")
      << "though it is due later";
  general.match.severities = {"ordinary"};
  EXPECT_EQ(Only(Plan({Registered()}, Rules({general, special}))).policy, "policies/first")
      << "as specific, and due first";
  general.target.amount = special.target.amount;
  EXPECT_EQ(Only(Plan({Registered()}, Rules({general, special}))).policy, "policies/first");
}

TEST(PlanSubject, OneThatRunsBesideOthersMayOutrankThemAndIsNeverOutranked) {
  Policy all = FirstResponse(), strict = FirstResponse();
  strict.name = "policies/strict";
  strict.same_metric = SameMetric::kStrictest;
  EXPECT_EQ(Only(Plan({Registered()}, Rules({all, strict}))).policy, "policies/first");
  strict.target.amount = Hours(2);
  EXPECT_EQ(Plan({Registered()}, Rules({all, strict})).clocks.size(), 2u);
}

RC_GTEST_PROP(PlanSubject, IsAFunctionOfTheSetOfFacts, ()) {
  std::vector<Fact> facts = {Registered()};
  const int n = *rc::gen::inRange(0, 12);
  for (int i = 0; i < n; ++i) {
    const auto type = *rc::gen::element<std::string>(
        "ticket.held", "ticket.resumed", "ticket.closed", "ticket.reopened",
        "ticket.first_responded", "ticket.severity_changed");
    const auto after = Minutes(*rc::gen::inRange<int64_t>(1, 10'000));
    facts.push_back(
        type == "ticket.severity_changed"
            ? Severity(i + 2, *rc::gen::element<std::string>("ordinary", "major"), after)
            : Happened(i + 2, type, after, *rc::gen::element<std::string>("a", "b")));
  }
  const RuleSet rules = Rules({FirstResponse(), Closure()});
  const SubjectPlan expected = Plan(facts, rules);
  std::vector<Fact> shuffled = facts;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(*rc::gen::arbitrary<uint32_t>()));
  const SubjectPlan got = Plan(shuffled, rules);
  RC_ASSERT(expected.clocks.size() == got.clocks.size());
  for (size_t i = 0; i < got.clocks.size(); ++i) {
    RC_ASSERT(expected.clocks[i].due == got.clocks[i].due);
    RC_ASSERT(expected.clocks[i].state == got.clocks[i].state);
    RC_ASSERT(expected.clocks[i].stop == got.clocks[i].stop);
  }
}

}  // namespace
}  // namespace steward::sla::testing
