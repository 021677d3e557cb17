// Thresholds that passed before a clock's cycle ended, or before it ceased to match, and had not fired by then.

#include "tests/unit/services/sla/clock_cases.h"

namespace steward::sla::testing {
namespace {

Policy Fresh() {
  Policy p = Closure();
  p.on_reopen = OnReopen::kNewCycle;
  return p;
}

std::vector<ClockChange> Follow(const Clock* stored, std::vector<Fact> facts, const RuleSet& rules,
                                Duration now) {
  std::map<std::string, Pin> pins;
  if (stored != nullptr) {
    pins[stored->policy] = PinOf(*stored);
  }
  const SubjectPlan plan =
      PlanSubject(std::move(facts), rules, pins, stored == nullptr ? 0 : kNoFreshFact);
  const ClockPlan clock = Only(plan);
  return ReconcileCycles(stored, kSubject, clock, *rules.Find(clock.policy, 1), rules,
                         plan.attributes, kStart + now);
}

// `started`, `stopped`, `warning-1 of 1` ... in the order of the journal.
std::vector<std::string> Told(const std::vector<ClockChange>& changes) {
  std::vector<std::string> out;
  for (const ClockChange& change : changes) {
    for (const auto& [event, at] : change.events) {
      if (const auto* fired = std::get_if<event::Fired>(&event)) {
        out.push_back(RungName(fired->kind, fired->number) + " of " +
                      std::to_string(change.clock.cycle));
      } else {
        out.push_back(std::holds_alternative<event::Started>(event)     ? "started"
                      : std::holds_alternative<event::Stopped>(event)   ? "stopped"
                      : std::holds_alternative<event::Restarted>(event) ? "restarted"
                      : std::holds_alternative<event::Retracted>(event) ? "retracted"
                                                                        : "other");
      }
    }
  }
  return out;
}

// Due at 100 h; the warning is at 80 h, level 2 four hours after level 1.
std::vector<Fact> ClosedLateAndReopened() {
  return {Registered(), Happened(2, "ticket.closed", Hours(110)),
          Happened(3, "ticket.reopened", Hours(120))};
}

TEST(Cycles, WhatWasDueBeforeTheReopeningStillFires) {
  const RuleSet rules = Rules({Fresh()});
  const Clock open = Stored({Registered()}, rules);
  const auto changes = Follow(&open, ClosedLateAndReopened(), rules, Hours(121));
  EXPECT_EQ(Told(changes), (std::vector<std::string>{"stopped", "warning-1 of 1", "breach of 1",
                                                     "level-1 of 1", "restarted"}));
  EXPECT_TRUE(changes[1].ends_escalations) << "raised and ended: the clock had stopped";
  const Clock& now = changes.back().clock;
  EXPECT_EQ(now.cycle, 2);
  EXPECT_EQ(now.due, kStart + Hours(220));
  EXPECT_FALSE(HasStanding(now.ladder, PlannedRung::Kind::kBreach)) << "a fresh ladder";
  EXPECT_EQ(now.version, open.version + 4) << "a level is the escalation's event";
}

TEST(Cycles, OneBatchTellsTheSameAsMany) {
  const RuleSet rules = Rules({Fresh()});
  const std::vector<Fact> facts = ClosedLateAndReopened();
  std::vector<std::string> many;
  std::optional<Clock> clock;
  for (size_t n = 1; n <= facts.size(); ++n) {
    const auto changes =
        Follow(clock ? &*clock : nullptr, {facts.begin(), facts.begin() + n}, rules, Hours(121));
    for (std::string& told : Told(changes)) {
      many.push_back(std::move(told));
    }
    clock = changes.back().clock;
  }
  EXPECT_EQ(Told(Follow(nullptr, facts, rules, Hours(121))), many);
}

TEST(Cycles, WhatHasFiredDoesNotFireAgain) {
  const RuleSet rules = Rules({Fresh()});
  const Clock breached = FireAt(Stored({Registered()}, rules), rules, Hours(101));
  EXPECT_EQ(Told(Follow(&breached, ClosedLateAndReopened(), rules, Hours(121))),
            (std::vector<std::string>{"stopped", "level-2 of 1", "restarted"}))
      << "unacknowledged for four hours, five before the stop";
}

TEST(Cycles, AStopInTimeIsMetAndTakesAnEarlierBreachBack) {
  const RuleSet rules = Rules({Fresh()});
  const Clock breached = FireAt(Stored({Registered()}, rules), rules, Hours(101));
  const std::vector<Fact> facts = {Registered(), Happened(2, "ticket.closed", Hours(90)),
                                   Happened(3, "ticket.reopened", Hours(120))};
  const auto changes = Follow(&breached, facts, rules, Hours(121));
  EXPECT_EQ(Told(changes), (std::vector<std::string>{"retracted", "stopped", "restarted"}));
  EXPECT_EQ(changes[0].retracted_cycle, 1);
  EXPECT_EQ(changes[0].clock.state, RunState::kMet);
}

TEST(Cycles, SeveralReopeningsAtOnce) {
  const RuleSet rules = Rules({Fresh()});
  std::vector<Fact> facts = ClosedLateAndReopened();
  facts.push_back(Happened(4, "ticket.closed", Hours(210)));  // the second cycle: warned at 200 h
  facts.push_back(Happened(5, "ticket.reopened", Hours(211)));
  const auto changes = Follow(nullptr, facts, rules, Hours(212));
  EXPECT_EQ(Told(changes), (std::vector<std::string>{"started", "stopped", "warning-1 of 1",
                                                     "breach of 1", "level-1 of 1", "restarted",
                                                     "stopped", "warning-1 of 2", "restarted"}));
  EXPECT_TRUE(changes.front().created);
  EXPECT_EQ(changes.back().clock.cycle, 3);
  EXPECT_TRUE(Follow(&changes.back().clock, facts, rules, Hours(213)).empty())
      << "and then nothing";
}

TEST(Cycles, AnEarlierCycleIsNeverEnteredAgain) {
  const RuleSet rules = Rules({Fresh()});
  const Clock second = Follow(nullptr, ClosedLateAndReopened(), rules, Hours(121)).back().clock;
  const auto back = Follow(&second, {Registered()}, rules, Hours(122));  // as if never closed
  EXPECT_EQ(back.back().clock.cycle, 2) << "the keys of its firings are taken";
}

TEST(Cancelled, WhatWasDueBeforeStillFiresAndWhatIsLaterDoesNot) {
  Policy ordinary = FirstResponse();
  ordinary.match.severities = {"ordinary"};
  const RuleSet rules = Rules({ordinary});
  const Clock open = Stored({Registered()}, rules);
  for (const auto& [at, told] : std::map<int64_t, std::vector<std::string>>{
           {30, {}},
           {40, {"warning-1 of 1"}},
           {50, {"warning-1 of 1", "breach of 1", "level-1 of 1"}}}) {
    const Clock gone = Learn(open, {Registered(), Severity(2, "major", Hours(at))}, rules).clock;
    EXPECT_EQ(gone.state, RunState::kCancelled);
    ClockChange fired;
    FireAt(gone, rules, Hours(60), &fired);
    EXPECT_EQ(Told({fired}), told) << at;
    EXPECT_EQ(fired.end_reason, "clock_cancelled");
  }
}

TEST(Cancelled, NothingFiresOnceTheSubjectIsCancelled) {
  const RuleSet rules = Rules({FirstResponse()});
  const Clock gone = Learn(Stored({Registered()}, rules),
                           {Registered(), Happened(2, "ticket.cancelled", Hours(50))}, rules)
                         .clock;
  ClockChange fired;
  FireAt(gone, rules, Hours(60), &fired);
  EXPECT_TRUE(fired.events.empty());
}

TEST(Cancelled, AnOpenPauseEndsWithTheClock) {
  Policy ordinary = Closure();
  ordinary.match.severities = {"ordinary"};
  const RuleSet rules = Rules({ordinary});
  const std::vector<Fact> facts = {Registered(), Happened(2, "ticket.held", Hours(10), "x"),
                                   Severity(3, "major", Hours(200))};
  const Clock gone = Learn(Stored({Registered()}, rules), facts, rules).clock;
  EXPECT_EQ(gone.due, kStart + Hours(290)) << "190 h on hold";
  ClockChange fired;
  FireAt(gone, rules, Hours(400), &fired);
  EXPECT_TRUE(fired.events.empty()) << "it had not been due";
}

TEST(PlanSubject, AHoldAfterTheStopMovesNothing) {
  const RuleSet rules = Rules({Closure()});
  std::vector<Fact> facts = {Registered(), Happened(2, "ticket.closed", Hours(20)),
                             Happened(3, "ticket.held", Hours(30), "x"),
                             Happened(4, "ticket.resumed", Hours(40), "x")};
  EXPECT_EQ(Only(Plan(facts, rules)).due, kStart + Hours(100));
  facts.pop_back();
  facts.push_back(Happened(4, "ticket.reopened", Hours(50)));
  EXPECT_EQ(Only(Plan(facts, rules)).state, RunState::kPaused) << "held while it was closed";
  facts.push_back(Happened(5, "ticket.resumed", Hours(60), "x"));
  EXPECT_EQ(Only(Plan(facts, rules)).due, kStart + Hours(140)) << "closed 30 h, on hold 10 h more";
}

}  // namespace
}  // namespace steward::sla::testing
