// Subjects of the line of business: campaigns with a planned start, instalments that fall due again, customers whose tiers change.

#include "tests/unit/services/sla/clock_cases.h"

namespace steward::sla::testing {
namespace {

Fact Tiers(FactNumber number, std::vector<std::string> tiers, Duration after) {
  Fact f = Happened(number.version, "customer.tier_changed", after);
  f.number = number;
  f.tiers = std::move(tiers);
  return f;
}

Policy KeyAccount() {
  Policy p = FirstResponse();
  p.name = "policies/key";
  p.target.amount = Hours(4);
  p.match.tiers = {"key_account:yes"};
  p.same_metric = SameMetric::kMostSpecific;
  return p;
}

Policy Everyone() {
  Policy p = FirstResponse();
  p.same_metric = SameMetric::kMostSpecific;
  return p;
}

const ClockPlan* Find(const SubjectPlan& plan, const std::string& policy) {
  for (const ClockPlan& clock : plan.clocks) {
    if (clock.policy == policy) {
      return &clock;
    }
  }
  return nullptr;
}

TEST(TierChange, MatchesAgainAndKeepsTheTimeUsed) {
  const RuleSet rules = Rules({Everyone(), KeyAccount()});
  const SubjectPlan plan =
      Plan({Registered(), Tiers({1, 1}, {"key_account:yes"}, Hours(1))}, rules);
  ASSERT_EQ(plan.clocks.size(), 2u);
  EXPECT_EQ(Find(plan, "policies/first")->cancel_reason, "outranked");
  const ClockPlan& key = *Find(plan, "policies/key");
  EXPECT_EQ(key.start, kStart + Hours(1));
  EXPECT_EQ(key.due, kStart + Hours(4)) << "one of the four hours was used";
}

TEST(TierChange, AndBack) {
  const RuleSet rules = Rules({Everyone(), KeyAccount()});
  const SubjectPlan plan = Plan(
      {Registered(), Tiers({1, 1}, {"key_account:yes"}, Hours(1)), Tiers({1, 2}, {}, Hours(2))},
      rules);
  EXPECT_EQ(Find(plan, "policies/key")->cancel_reason, "no_longer_matches");
  const ClockPlan& first = *Find(plan, "policies/first");
  EXPECT_EQ(first.state, RunState::kRunning);
  EXPECT_EQ(first.due, kStart + Hours(48)) << "two of 48 hours were used by then";
}

TEST(TierChange, NothingBeginsOnceTheTicketIsClosed) {
  Policy key = KeyAccount();
  key.metric = "closure_call";
  key.stop_event = "ticket.verified";
  const std::vector<Fact> facts = {Registered(), Happened(2, "ticket.closed", Hours(3)),
                                   Tiers({2, 1}, {"key_account:yes"}, Hours(5))};
  EXPECT_EQ(Find(Plan(facts, Rules({Everyone(), key})), "policies/key"), nullptr);
  EXPECT_TRUE(Plan(facts, Rules({key})).ended);
}

TEST(TierChange, APolicyPutIntoForceLaterBeginsAtTheChangeNotBefore) {
  const std::vector<Fact> facts = {Registered(), Tiers({1, 1}, {"key_account:yes"}, Hours(1))};
  const SubjectPlan plan = PlanSubject(facts, Rules({FirstResponse()}), {}, FactNumber(1, 1));
  EXPECT_EQ(Only(plan).start, kStart + Hours(1));
  EXPECT_EQ(Only(plan).since, FactNumber(1, 1));
}

// A campaign planned now for `kStart + 240 h`, rehearsed 48 h before.

Policy Rehearsal() {
  Policy p;
  p.name = "policies/cmp-003";
  p.version = 1;
  p.metric = "rehearsed_before_start";
  p.match.kinds = {"pr_event"};
  p.start_event = "campaign.scheduled_start";
  p.stop_event = "campaign.rehearsed";
  p.target.amount = Hours(48);
  p.target.before = true;
  p.levels = {{.role = "roles/manager",
               .at = ThresholdSpec{Share{100}, ""},
               .interval = {},
               .calendar = ""}};
  return p;
}

Fact Planned(int64_t version, Duration after, Duration start) {
  Fact f = Happened(version, "campaign.scheduled_start", after);
  f.planned = kStart + start;
  f.kind_path = {{"pr_event"}};
  f.owner = "members/a";
  return f;
}

Fact Rescheduled(int64_t version, Duration after, Duration start) {
  Fact f = Happened(version, "campaign.scheduled_start", after);
  f.planned = kStart + start;
  return f;
}

TEST(PlannedStart, CountsBackAndIsMetByARehearsalBefore) {
  const RuleSet rules = Rules({Rehearsal()});
  const ClockPlan open = Only(Plan({Planned(1, Hours(0), Hours(240))}, rules));
  EXPECT_EQ(open.start, kStart + Hours(240));
  EXPECT_EQ(open.due, kStart + Hours(192));
  ASSERT_EQ(open.rungs.size(), 2u);
  EXPECT_FALSE(open.rungs.back().not_applicable) << "escalates at due, before the start";
  const auto rehearsed = [&](int64_t hours) {
    return Only(Plan({Planned(1, Hours(0), Hours(240)),
                      Happened(2, "campaign.rehearsed", Hours(hours))},
                     rules))
        .state;
  };
  EXPECT_EQ(rehearsed(192), RunState::kMet) << "exactly at due";
  EXPECT_EQ(rehearsed(193), RunState::kMissed);
}

TEST(PlannedStart, AnotherPlanMovesAnOpenClockAndSaysSo) {
  const RuleSet rules = Rules({Rehearsal()});
  const Clock open = Stored({Planned(1, Hours(0), Hours(240))}, rules);
  const ClockChange change =
      Learn(open, {Planned(1, Hours(0), Hours(240)), Rescheduled(2, Hours(10), Hours(480))}, rules);
  EXPECT_EQ(change.clock.due, kStart + Hours(432));
  ASSERT_EQ(Count<event::DueChanged>(change), 1);
  EXPECT_EQ(std::get<event::DueChanged>(change.events.front().first).reason, "rescheduled");
}

TEST(PlannedStart, AnotherPlanAfterDueTakesNoBreachBack) {
  const RuleSet rules = Rules({Rehearsal()});
  const std::vector<Fact> facts = {Planned(1, Hours(0), Hours(240)),
                                   Rescheduled(2, Hours(193), Hours(480))};
  EXPECT_EQ(Only(Plan(facts, rules)).due, kStart + Hours(192));
}

TEST(PlannedStart, ACancelledCampaignCancelsItsClocks) {
  const ClockPlan plan =
      Only(Plan({Planned(1, Hours(0), Hours(240)), Happened(2, "campaign.cancelled", Hours(5))},
                Rules({Rehearsal()})));
  EXPECT_EQ(plan.state, RunState::kCancelled);
  EXPECT_EQ(plan.cancel_reason, kSubjectCancelled);
}

// An instalment: its due date passed at kStart, 30 days to go.

Policy Ageing(int days = 30) {
  Policy p;
  p.name = "policies/rec-001";
  p.version = 1;
  p.metric = "overdue_age";
  p.start_event = "instalment.due_date_passed";
  p.stop_event = "instalment.paid";
  p.target.amount = Hours(24 * days);
  p.levels = {{.role = "roles/manager",
               .at = ThresholdSpec{Share{100}, ""},
               .interval = {},
               .calendar = ""}};
  return p;
}

Fact Passed(int64_t version, int cycle) {
  Fact f = Happened(version, "instalment.due_date_passed", Hours(0));
  f.cycle = cycle;
  f.owner = "members/a";
  return f;
}

TEST(Instalment, PaidExactlyAtDueIsMet) {
  const RuleSet rules = Rules({Ageing()});
  const auto paid = [&](Duration after) {
    return Only(Plan({Passed(2, 1), Happened(3, "instalment.paid", after)}, rules)).state;
  };
  EXPECT_EQ(paid(Hours(24 * 30)), RunState::kMet);
  EXPECT_EQ(paid(Hours(24 * 30) + Microseconds(1)), RunState::kMissed);
}

TEST(Instalment, APaymentTakenBackBeginsTheNextCycleAtTheSameDueDate) {
  const RuleSet rules = Rules({Ageing()});
  const ClockPlan plan =
      Only(Plan({Passed(2, 1), Happened(3, "instalment.paid", Hours(24 * 10)),
                 Happened(4, "instalment.reopened", Hours(24 * 20)), Passed(5, 2)},
                rules));
  EXPECT_EQ(plan.cycle, 2);
  EXPECT_EQ(plan.state, RunState::kRunning);
  EXPECT_EQ(plan.start, kStart);
  EXPECT_EQ(plan.due, kStart + Hours(24 * 30));
  ASSERT_EQ(plan.earlier.size(), 1u);
  EXPECT_EQ(plan.earlier.front().state, RunState::kMet);
}

TEST(Instalment, AfterDowntimeItFiresWithItsTrueInstantAndOnce) {
  const RuleSet rules = Rules({Ageing()});
  const Clock open = Stored({Passed(2, 1)}, rules);
  ClockChange change;
  const Clock fired = FireAt(open, rules, Hours(24 * 33), &change);
  ASSERT_EQ(change.raised.size(), 1u);
  EXPECT_EQ(Raise(fired, Ageing(), 1).occurred_at, kStart + Hours(24 * 30));
  FireAt(fired, rules, Hours(24 * 60), &change);
  EXPECT_FALSE(change.changed);
}

TEST(Instalment, ItsClockHasANameWithoutSlashes) {
  EXPECT_EQ(
      ClockName("contracts/0190c6a5-0000-7000-8000-000000000001/instalments/3", "policies/rec-001"),
      "clocks/0190c6a5-0000-7000-8000-000000000001-instalments-3-rec-001");
}

}  // namespace
}  // namespace steward::sla::testing
