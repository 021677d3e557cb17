// A clock, its ladder, and the two together: retraction, reopening, holds; and the guard.

#include "services/sla/domain/clock.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/sla/watcher/guard.h"
#include "tests/unit/services/sla/clock_cases.h"

namespace steward::sla::testing {
namespace {

TEST(FireDue, WarnsBreachesAndEscalatesInOrderAndOnce) {
  const RuleSet rules = Rules({FirstResponse()});
  Clock clock = Stored({Registered()}, rules);
  ClockChange change;
  clock = FireAt(clock, rules, Hours(30), &change);
  EXPECT_TRUE(change.events.empty());
  clock = FireAt(clock, rules, Minutes(48 * 48), &change);  // 80 % of 48 h
  EXPECT_EQ(Count<event::Fired>(change), 1);
  clock = FireAt(clock, rules, Hours(48), &change);
  EXPECT_TRUE(change.events.empty()) << "a stop at due exactly would still be met";
  clock = FireAt(clock, rules, Hours(48) + Microseconds(1), &change);
  ASSERT_EQ(Count<event::Fired>(change), 2);
  EXPECT_EQ(change.raised, std::vector<int>{1});
  EXPECT_EQ(std::get<event::Fired>(change.events[0].first).occurred_at, kStart + Hours(48));
  clock = FireAt(clock, rules, Hours(50), &change);
  EXPECT_TRUE(change.events.empty());
  FireAt(clock, rules, Hours(52) + Microseconds(1), &change);
  EXPECT_EQ(change.raised, std::vector<int>{2})
      << "unacknowledged after the interval: one level up";
}

TEST(FireDue, OnePassAfterAnOutageFiresEverythingThatPassed) {
  const RuleSet rules = Rules({FirstResponse()});
  ClockChange change;
  FireAt(Stored({Registered()}, rules), rules, Hours(60), &change);
  ASSERT_EQ(Count<event::Fired>(change), 3);
  EXPECT_TRUE(std::is_sorted(change.events.begin(), change.events.end(),
                             [](auto& a, auto& b) { return a.second < b.second; }));
}

TEST(FireDue, HoldsAccusationsBackButWarns) {
  const RuleSet rules = Rules({FirstResponse()});
  const Clock clock = Stored({Registered()}, rules);
  const ClockChange change = FireDue(clock, FirstResponse(), rules, kStart + Hours(60), false, "");
  ASSERT_EQ(change.events.size(), 1u);
  EXPECT_EQ(std::get<event::Fired>(change.events[0].first).kind, PlannedRung::Kind::kWarning);
}

TEST(FireDue, AnAcknowledgedLevelStopsTheLadder) {
  const RuleSet rules = Rules({FirstResponse()});
  Clock clock = FireAt(Stored({Registered()}, rules), rules, Hours(49));
  Acknowledge(clock.ladder, 1, kStart + Hours(49));
  ClockChange change;
  FireAt(clock, rules, Hours(100), &change);
  EXPECT_TRUE(change.events.empty());
}

TEST(FireDue, ALevelMayInsistAboveASilencedOne) {
  Policy policy = FirstResponse();
  policy.levels.push_back({.role = "roles/ceo",
                           .at = ThresholdSpec{Offset{Hours(10)}, ""},
                           .interval = {},
                           .calendar = "",
                           .even_if_acknowledged = true});
  const RuleSet rules = Rules({policy});
  Clock clock = FireAt(Stored({Registered()}, rules), rules, Hours(49));
  Acknowledge(clock.ladder, 1, kStart + Hours(49));
  ClockChange change;
  FireAt(clock, rules, Hours(100), &change);
  EXPECT_EQ(change.raised, std::vector<int>{3});
}

TEST(Reconcile, AStopInTimeThatArrivesLateRetractsTheBreach) {
  const RuleSet rules = Rules({FirstResponse()});
  const Clock breached = FireAt(Stored({Registered()}, rules), rules, Hours(49));
  const ClockChange change =
      Learn(breached, {Registered(), Happened(2, "ticket.first_responded", Hours(47))}, rules);
  EXPECT_EQ(Count<event::Retracted>(change), 1);
  EXPECT_EQ(Count<event::Stopped>(change), 1);
  EXPECT_EQ(change.clock.state, RunState::kMet);
  ASSERT_EQ(change.retracted.size(), 2u) << "the breach and the level raised with it";
  EXPECT_EQ(change.retraction_cause, "e2");
  EXPECT_FALSE(HasStanding(change.clock.ladder, PlannedRung::Kind::kBreach));
  EXPECT_TRUE(HasStanding(change.clock.ladder, PlannedRung::Kind::kWarning))
      << "warnings are not taken back";
  EXPECT_FALSE(Next(change.clock.ladder, FirstResponse(), rules));
}

TEST(Reconcile, AStopAfterDueLeavesWhatPassedBeforeItToFire) {
  const RuleSet rules = Rules({FirstResponse()});
  const Clock missed =
      Learn(Stored({Registered()}, rules),
            {Registered(), Happened(2, "ticket.first_responded", Hours(50))}, rules)
          .clock;
  EXPECT_EQ(missed.state, RunState::kMissed);
  ClockChange change;
  FireAt(missed, rules, Hours(60), &change);
  EXPECT_EQ(Count<event::Fired>(change), 3)
      << "warning, breach, level 1; level 2 would come after the stop";
  EXPECT_TRUE(change.ends_escalations);
}

TEST(Reconcile, ALateHoldMovesTheBreachAndItMayStandAgain) {
  const RuleSet rules = Rules({Closure()});
  const Clock breached = FireAt(Stored({Registered()}, rules), rules, Hours(101));
  const std::vector<Fact> facts = {Registered(), Happened(2, "ticket.held", Hours(1), "x"),
                                   Happened(3, "ticket.resumed", Hours(3), "x")};
  const ClockChange change = Learn(breached, facts, rules);
  EXPECT_EQ(Count<event::Retracted>(change), 1);
  EXPECT_EQ(Count<event::DueChanged>(change), 1);
  ClockChange again;
  FireAt(change.clock, rules, Hours(103), &again);
  ASSERT_EQ(Count<event::Fired>(again), 2);
  const auto& fired = std::get<event::Fired>(again.events[0].first);
  EXPECT_EQ(fired.arming, 2);
  EXPECT_FALSE(fired.reinstates) << "a later due is an ordinary new breach";
}

TEST(Reconcile, TheSameInstantAgainIsReinstated) {
  const RuleSet rules = Rules({FirstResponse()});
  const Clock breached = FireAt(Stored({Registered()}, rules), rules, Hours(49));
  const Clock kept =
      Learn(breached, {Registered(), Happened(2, "ticket.first_responded", Hours(47))}, rules)
          .clock;
  const Clock open =
      Learn(kept, {Registered()}, rules).clock;  // the fact that stopped it turns out to be gone
  ClockChange change;
  FireAt(open, rules, Hours(50), &change);
  ASSERT_FALSE(change.events.empty());
  EXPECT_TRUE(std::get<event::Fired>(change.events[0].first).reinstates);
}

TEST(Reconcile, ChangingTheSeverityThereAndBackTakesNoBreachBack) {
  Policy ordinary = FirstResponse();
  ordinary.match.severities = {"ordinary"};
  const RuleSet rules = Rules({ordinary});
  Clock clock = FireAt(Stored({Registered()}, rules), rules, Hours(49));
  std::vector<Fact> facts = {Registered(), Severity(2, "major", Hours(50))};
  clock = Learn(clock, facts, rules).clock;
  facts.push_back(Severity(3, "ordinary", Hours(51)));
  const ClockChange back = Learn(clock, facts, rules);
  EXPECT_EQ(Count<event::Retracted>(back), 0);
  EXPECT_TRUE(HasStanding(back.clock.ladder, PlannedRung::Kind::kBreach));
}

TEST(Reconcile, WithoutNewFactsChangesNothing) {
  const RuleSet rules = Rules({FirstResponse()});
  const Clock clock = Stored({Registered()}, rules);
  EXPECT_FALSE(Learn(clock, {Registered()}, rules).changed);
}

TEST(Reconcile, VersionsCountItsEvents) {
  const RuleSet rules = Rules({Closure()});
  const Clock clock = Stored({Registered()}, rules);
  EXPECT_EQ(clock.version, 1);
  const ClockChange paused =
      Learn(clock, {Registered(), Happened(2, "ticket.held", Hours(1), "x")}, rules);
  EXPECT_EQ(paused.clock.version, 2);
  EXPECT_EQ(Count<event::Paused>(paused), 1);
  const ClockChange resumed = Learn(paused.clock,
                                    {Registered(), Happened(2, "ticket.held", Hours(1), "x"),
                                     Happened(3, "ticket.resumed", Hours(2), "x")},
                                    rules);
  EXPECT_EQ(Count<event::Resumed>(resumed), 1);
  EXPECT_EQ(Count<event::DueChanged>(resumed), 1);
  EXPECT_EQ(resumed.clock.version, 4);
}

TEST(Reconcile, AnotherOwnerIsAnEventOfItsOwn) {
  const RuleSet rules = Rules({FirstResponse()});
  const Clock clock = Stored({Registered()}, rules);
  Fact moved = Happened(2, "ticket.transferred", Hours(3));
  moved.team = "teams/west";
  moved.owner = "";
  Fact taken = Happened(3, "ticket.assigned", Hours(5));
  taken.owner = "members/b";
  const ClockChange both = Learn(clock, {Registered(), moved, taken}, rules);
  ASSERT_EQ(both.events.size(), 1u);
  const auto& assigned = std::get<event::Assigned>(both.events[0].first);
  EXPECT_EQ(assigned.from_owner, "members/a");
  EXPECT_EQ(assigned.from_team, "teams/east");
  EXPECT_EQ(both.events[0].second, kStart + Hours(5));
  EXPECT_EQ(both.clock.owner, "members/b");
  EXPECT_EQ(both.clock.version, clock.version + 1);
  EXPECT_EQ(both.clock.due, clock.due);
  EXPECT_FALSE(Learn(both.clock, {Registered(), moved, taken}, rules).changed);
}

TEST(Reconcile, AnAssignmentThatOneToldLaterOvertookIsNoEvent) {
  const RuleSet rules = Rules({FirstResponse()});
  Fact taken = Happened(2, "ticket.assigned", Hours(5));
  taken.owner = "members/b";
  const Clock clock = Learn(Stored({Registered()}, rules), {Registered(), taken}, rules).clock;
  Fact before = Happened(3, "ticket.assigned", Hours(4));
  before.owner = "members/c";
  EXPECT_FALSE(Learn(clock, {Registered(), taken, before}, rules).changed);
  Fact moved = Happened(4, "ticket.transferred", Hours(3));
  moved.team = "teams/west";
  moved.owner = "";
  const ClockChange late = Learn(clock, {Registered(), taken, before, moved}, rules);
  ASSERT_EQ(Count<event::Assigned>(late), 1);
  EXPECT_EQ(late.events[0].second, kStart + Hours(3)) << "only the team is another one";
  EXPECT_EQ(late.clock.owner, "members/b");
}

// Whatever the interleaving of facts and firings, the breach that stands in the end is what the facts say.
RC_GTEST_PROP(Reconcile, TheStandingBreachEqualsTheFacts, ()) {
  const RuleSet rules = Rules({Closure()});
  std::vector<Fact> facts = {Registered()};
  Clock clock = Stored(facts, rules);
  const int n = *rc::gen::inRange(0, 10);
  for (int i = 0; i < n; ++i) {
    if (*rc::gen::arbitrary<bool>()) {
      clock = FireAt(clock, rules, Hours(*rc::gen::inRange<int64_t>(1, 300)));
    }
    facts.push_back(Happened(i + 2,
                             *rc::gen::element<std::string>("ticket.held", "ticket.resumed",
                                                            "ticket.closed", "ticket.reopened"),
                             Minutes(*rc::gen::inRange<int64_t>(1, 12'000)), "x"));
    clock = Learn(clock, facts, rules).clock;
  }
  const Time end = kStart + Hours(1000);
  clock = FireAt(clock, rules, Hours(1000));
  const SubjectPlan plan = Plan(facts, rules);
  const ClockPlan& truth = plan.clocks.front();
  const bool late =
      truth.state != RunState::kPaused && truth.due && *truth.due < truth.stop.value_or(end);
  RC_ASSERT(HasStanding(clock.ladder, PlannedRung::Kind::kBreach) == late);
}

TEST(Ladder, SurvivesItsEncoding) {
  const RuleSet rules = Rules({FirstResponse()});
  Clock clock = FireAt(Stored({Registered()}, rules), rules, Hours(49));
  Acknowledge(clock.ladder, 1, kStart + Hours(49));
  const auto decoded = DecodeLadder(EncodeLadder(clock.ladder));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, clock.ladder);
  const std::string bytes = EncodeLadder(clock.ladder);
  EXPECT_FALSE(DecodeLadder(std::string("\x7f") + bytes.substr(1)).ok());
}

TEST(CheckPolicy, NamesTheFieldAtFault) {
  Policy p = FirstResponse();
  p.warnings = {{Share{120}, ""}};
  EXPECT_NE(CheckPolicy(p).ToString().find("warnings[0].share_percent"), std::string::npos);
  p = FirstResponse();
  p.target.kind = Target::Kind::kWorkingDays;
  p.target.days = 7;
  EXPECT_NE(CheckPolicy(p).ToString().find("policy.calendar"), std::string::npos);
}

TEST(ClockGuard, FreezesOnAJumpAndReleasesAfterTwoGoodTicks) {
  ClockGuard guard;
  const auto tick = [&](int64_t s, int64_t database_ahead) {
    return guard.Observe({kStart + Seconds(s + database_ahead), kStart + Seconds(s), s * 1'000'000},
                         {});
  };
  EXPECT_FALSE(tick(0, 0));
  EXPECT_FALSE(tick(1, 0));
  EXPECT_TRUE(tick(2, 3600));
  EXPECT_TRUE(tick(3, 3600)) << "the clocks still disagree";
  EXPECT_TRUE(tick(4, 0)) << "jumped back";
  EXPECT_TRUE(tick(5, 0));
  EXPECT_FALSE(tick(6, 0));
}

TEST(ClockGuard, AnOperatorMayRelease) {
  ClockGuard guard;
  EXPECT_TRUE(guard.Observe({kStart + Hours(1), kStart, 0}, {}));
  EXPECT_FALSE(guard.Observe({kStart + Hours(1) + Seconds(1), kStart + Seconds(1), 1'000'000},
                             kStart + Hours(2)));
}

}  // namespace
}  // namespace steward::sla::testing
