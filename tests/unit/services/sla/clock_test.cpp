// Facts to clocks, the ladder, and the two together: arrival in any order, retraction, reopening, holds.

#include "services/sla/domain/clock.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

#include "services/sla/watcher/guard.h"

namespace steward::sla::testing {
namespace {

const Time kStart = *ParseTime("2026-03-02T09:00:00Z");
constexpr char kSubject[] = "complaints/0190c6a5-0000-7000-8000-000000000001";

Fact Registered(int64_t version = 1) {
  Fact f;
  f.event_id = "e" + std::to_string(version);
  f.version = version;
  f.type = "ticket.registered";
  f.occurred_at = kStart;
  f.kind_path = {{"complaint"}};
  f.severity = "ordinary";
  f.tiers = std::vector<std::string>{};
  f.channel = "hotline";
  f.region = "east";
  f.owner = "members/a";
  f.team = "teams/east";
  return f;
}

Fact Happened(int64_t version, std::string type, Duration after, std::string cause = "") {
  Fact f;
  f.event_id = "e" + std::to_string(version);
  f.version = version;
  f.type = std::move(type);
  f.occurred_at = kStart + after;
  f.cause = std::move(cause);
  return f;
}

Fact Severity(int64_t version, std::string severity, Duration after) {
  Fact f = Happened(version, "ticket.severity_changed", after);
  f.severity = std::move(severity);
  return f;
}

Policy FirstResponse() {
  Policy p;
  p.name = "policies/first";
  p.version = 1;
  p.metric = "first_response";
  p.match.kinds = {"complaint"};
  p.start_event = "ticket.registered";
  p.stop_event = "ticket.first_responded";
  p.target.amount = Hours(48);
  p.warnings = {{Share{80}, ""}};
  p.levels = {{.role = "roles/manager",
               .at = ThresholdSpec{Share{100}, ""},
               .interval = {},
               .calendar = ""},
              {.role = "roles/director", .at = {}, .interval = Hours(4), .calendar = ""}};
  return p;
}

Policy Closure() {
  Policy p = FirstResponse();
  p.name = "policies/closure";
  p.metric = "closure";
  p.stop_event = "ticket.closed";
  p.target.amount = Hours(100);
  p.pause_causes = {"*"};
  return p;
}

RuleSet Rules(std::vector<Policy> policies) {
  RuleSet rules;
  for (Policy& p : policies) {
    rules.versions[{p.name, p.version}] = p;
    rules.in_force[p.name].push_back({p, {}, {}});
  }
  return rules;
}

ClockPlan Only(const SubjectPlan& plan) {
  EXPECT_EQ(plan.clocks.size(), 1u);
  return plan.clocks.front();
}

SubjectPlan Plan(std::vector<Fact> facts, const RuleSet& rules) {
  return PlanSubject(std::move(facts), rules, {}, 0);
}

// A stored clock as the consumer would have left it.
Clock Stored(const std::vector<Fact>& facts, const RuleSet& rules) {
  const SubjectPlan plan = Plan(facts, rules);
  const ClockPlan clock = Only(plan);
  return Reconcile(nullptr, kSubject, clock, *rules.Find(clock.policy, 1), rules, plan.attributes)
      .clock;
}

template <class E>
int Count(const ClockChange& change) {
  return static_cast<int>(
      std::count_if(change.events.begin(), change.events.end(),
                    [](const auto& e) { return std::holds_alternative<E>(e.first); }));
}

ClockChange Learn(const Clock& stored, std::vector<Fact> facts, const RuleSet& rules) {
  const SubjectPlan plan = Plan(std::move(facts), rules);
  return Reconcile(&stored, kSubject, Only(plan), *rules.Find(stored.policy, 1), rules,
                   plan.attributes);
}

Clock FireAt(const Clock& clock, const RuleSet& rules, Duration after,
             ClockChange* change = nullptr) {
  ClockChange fired = FireDue(clock, *rules.Find(clock.policy, 1), rules, kStart + after, true, "");
  if (change != nullptr) {
    *change = fired;
  }
  return fired.clock;
}

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
  Acknowledge(clock.ladder, 1);
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
  Acknowledge(clock.ladder, 1);
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
  Acknowledge(clock.ladder, 1);
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
