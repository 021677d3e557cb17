// Clocks that stop when their escalation is taken (CHN-002, POI-006).

#include "tests/unit/services/sla/clock_cases.h"

namespace steward::sla::testing {
namespace {

Policy Immediate() {
  Policy p = FirstResponse();
  p.name = "policies/director";
  p.metric = "escalated";
  p.stop_event = "escalation.acknowledged";
  p.target = {};
  p.target.kind = Target::Kind::kImmediate;
  p.warnings.clear();
  p.levels.resize(1);
  return p;
}

// As consumer and commands plan: with what the stored clock keeps.
ClockChange LearnKeeping(const Clock& stored, std::vector<Fact> facts, const RuleSet& rules) {
  const SubjectPlan plan =
      PlanSubject(std::move(facts), rules, {{stored.policy, PinOf(stored)}}, kNoFreshFact);
  return Reconcile(&stored, kSubject, Only(plan), *rules.Find(stored.policy, 1), rules,
                   plan.attributes);
}

Clock Taken(Clock clock, Duration after, const std::vector<Fact>& facts, const RuleSet& rules,
            ClockChange* change = nullptr) {
  Acknowledge(clock.ladder, 1, kStart + after);
  const ClockChange stopped = LearnKeeping(clock, facts, rules);
  if (change != nullptr) {
    *change = stopped;
  }
  return stopped.clock;
}

TEST(Immediate, TakingTheEscalationMeetsTheClock) {
  const RuleSet rules = Rules({Immediate()});
  ClockChange raised;
  const Clock open = FireAt(Stored({Registered()}, rules), rules, Seconds(1), &raised);
  EXPECT_EQ(raised.raised, std::vector<int>{1});
  ClockChange change;
  const Clock met = Taken(open, Minutes(3), {Registered()}, rules, &change);
  EXPECT_EQ(met.state, RunState::kMet);
  EXPECT_EQ(met.stop, kStart + Minutes(3));
  ASSERT_EQ(Count<event::Stopped>(change), 1);
  EXPECT_EQ(change.events.back().second, kStart + Minutes(3));
  EXPECT_TRUE(change.ends_escalations);
  EXPECT_FALSE(Next(met.ladder, Immediate(), rules));
}

TEST(Immediate, TheStopSurvivesWhateverIsLearntLater) {
  const RuleSet rules = Rules({Immediate()});
  std::vector<Fact> facts = {Registered()};
  Clock clock = Taken(FireAt(Stored(facts, rules), rules, Seconds(1)), Minutes(3), facts, rules);
  for (const char* type : {"ticket.assigned", "ticket.resolved", "ticket.closed", "ticket.reopened",
                           "ticket.cancelled"}) {
    facts.push_back(Happened(static_cast<int64_t>(facts.size()) + 1, type,
                             Hours(static_cast<int64_t>(facts.size()))));
    const ClockChange change = LearnKeeping(clock, facts, rules);
    EXPECT_TRUE(change.events.empty()) << type;
    clock = change.clock;
    EXPECT_EQ(clock.stop, kStart + Minutes(3)) << type;
  }
  EXPECT_EQ(clock.state, RunState::kMet);
}

TEST(Immediate, AnAcknowledgementSurvivesTheLaddersEncoding) {
  const RuleSet rules = Rules({Immediate()});
  Clock clock = FireAt(Stored({Registered()}, rules), rules, Seconds(1));
  Acknowledge(clock.ladder, 1, kStart + Minutes(3));
  Acknowledge(clock.ladder, 1, kStart + Minutes(9));
  const auto decoded = DecodeLadder(EncodeLadder(clock.ladder));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, clock.ladder);
  EXPECT_EQ(decoded->acknowledged_at, kStart + Minutes(3)) << "the first one counts";
}

TEST(Immediate, ClosingOrCancellingTheSubjectEndsWhatNobodyTook) {
  const RuleSet rules = Rules({Immediate()});
  const Clock open = FireAt(Stored({Registered()}, rules), rules, Seconds(1));
  std::vector<Fact> facts = {Registered(), Happened(2, "ticket.closed", Hours(1))};
  const ClockChange closed = LearnKeeping(open, facts, rules);
  EXPECT_EQ(closed.clock.state, RunState::kCancelled);
  EXPECT_EQ(closed.clock.cancel_reason, "subject_closed");
  EXPECT_TRUE(closed.ends_escalations);
  facts.push_back(Severity(3, "major", Hours(2)));
  EXPECT_FALSE(LearnKeeping(closed.clock, facts, rules).clock.open()) << "it does not come back";
  const ClockChange cancelled =
      LearnKeeping(open, {Registered(), Happened(2, "ticket.cancelled", Hours(1))}, rules);
  EXPECT_EQ(cancelled.clock.cancel_reason, "subject_cancelled");
}

TEST(Immediate, DoesNotBeginOnAClosedSubject) {
  Policy policy = Immediate();
  policy.match.severities = {"major"};
  const std::vector<Fact> facts = {Registered(), Happened(2, "ticket.closed", Hours(1)),
                                   Severity(3, "major", Hours(2))};
  EXPECT_TRUE(Plan(facts, Rules({policy})).clocks.empty());
}

TEST(Immediate, TheOrderOfClosingAndTakingIsThatOfTheirTimes) {
  const RuleSet rules = Rules({Immediate()});
  Clock taken = FireAt(Stored({Registered()}, rules), rules, Seconds(1));
  taken = Taken(taken, Hours(2), {Registered()}, rules);
  const ClockChange late =
      LearnKeeping(taken, {Registered(), Happened(2, "ticket.closed", Hours(1))}, rules);
  EXPECT_EQ(late.clock.state, RunState::kCancelled) << "closed before somebody took it";
}

TEST(Immediate, APromiseToTakeItIsMissedLikeAnyOther) {
  Policy policy = Immediate();
  policy.target.kind = Target::Kind::kWallClock;
  policy.target.amount = Hours(1);
  policy.levels[0].at = ThresholdSpec{Share{10}, ""};
  const RuleSet rules = Rules({policy});
  const Clock open = FireAt(Stored({Registered()}, rules), rules, Minutes(30));
  EXPECT_EQ(Taken(open, Minutes(50), {Registered()}, rules).state, RunState::kMet);
  EXPECT_EQ(Taken(open, Minutes(70), {Registered()}, rules).state, RunState::kMissed);
}

TEST(CheckPolicy, AnAcknowledgementNeedsALevel) {
  Policy p = Immediate();
  p.levels.clear();
  EXPECT_NE(CheckPolicy(p).ToString().find("policy.levels"), std::string::npos);
}

}  // namespace
}  // namespace steward::sla::testing
