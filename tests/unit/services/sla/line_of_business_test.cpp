// Subjects of the line of business: campaigns with a planned start, instalments that fall due again, customers whose tiers change.

#include "tests/unit/services/sla/clock_cases.h"
#include "tests/unit/services/sla/sample_calendars.h"

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

// REC-001 as the pack has it: calendar days from 00:00 of the due date, which is in the company's zone. 30 includes the 30th day
// (以上), 31 is the version that excludes it.
Policy ByCalendar(int days) {
  Policy p = Ageing();
  p.target = {Target::Kind::kCalendarDays, {}, days};
  p.target.close_at = CloseAt::kSameTime;
  p.calendar = "calendars/office";
  return p;
}

RuleSet WithZone(Policy policy, const std::string& zone) {
  RuleSet rules = Rules({std::move(policy)});
  rules.active_calendars["calendars/office"] = 1;
  rules.calendars[{"calendars/office", 1}] = Compiled(RoundTheClock(zone), 2025, 2028);
  return rules;
}

Fact PassedAt(Time at) {
  Fact f = Passed(2, 1);
  f.occurred_at = at;
  return f;
}

TEST(Instalment, TheThirtiethDayIsIncludedOrExcludedByTheVersion) {
  const Time due_date = At("2026-03-01T00:00:00+08:00");
  const struct {
    int days;
    const char* escalates;
  } readings[] = {{30, "2026-03-31T00:00:00+08:00"}, {31, "2026-04-01T00:00:00+08:00"}};
  for (const auto& [days, escalates] : readings) {
    const RuleSet rules = WithZone(ByCalendar(days), "Asia/Shanghai");
    const Clock open = Stored({PassedAt(due_date)}, rules);
    EXPECT_EQ(open.due, At(escalates)) << days;
    const auto paid = [&](Time at) {
      Fact f = Happened(3, "instalment.paid", Hours(0));
      f.occurred_at = at;
      return Only(Plan({PassedAt(due_date), f}, rules)).state;
    };
    // `instalment.paid` happens at the end of its day: on the day before the escalation it cancels, on the day itself it does not.
    EXPECT_EQ(paid(At(escalates)), RunState::kMet) << days;
    EXPECT_EQ(paid(At(escalates) + Hours(24)), RunState::kMissed) << days;
    ClockChange change = FireDue(open, *rules.Find(open.policy, 1), rules,
                                 At(escalates) - Microseconds(1), true, "");
    EXPECT_TRUE(change.raised.empty()) << days;
    change = FireDue(open, *rules.Find(open.policy, 1), rules, At(escalates) + Microseconds(1),
                     true, "");
    ASSERT_EQ(change.raised.size(), 1u) << days;
    EXPECT_EQ(Raise(change.clock, *rules.Find(open.policy, 1), 1).occurred_at, At(escalates));
  }
}

TEST(Instalment, AfterThreeDaysOfDowntimeEitherReadingFiresOnceAtItsTrueInstant) {
  for (const int days : {30, 31}) {
    const RuleSet rules = WithZone(ByCalendar(days), "Asia/Shanghai");
    const Policy& policy = *rules.Find("policies/rec-001", 1);
    const Clock open = Stored({PassedAt(At("2026-03-01T00:00:00+08:00"))}, rules);
    const ClockChange change = FireDue(open, policy, rules, *open.due + Hours(72), true, "");
    ASSERT_EQ(change.raised.size(), 1u);
    EXPECT_EQ(Raise(change.clock, policy, 1).occurred_at, *open.due);
    EXPECT_FALSE(
        FireDue(change.clock, policy, rules, *open.due + Hours(24 * 30), true, "").changed);
  }
}

// The due date is the company's, the days of the age are the calendar's. In one zone they agree, also over a change of the clocks;
// in two the age ends by the calendar's clocks, an hour off the company's midnight here. So the pack says: the same zone.
TEST(Instalment, DaysAreThoseOfTheCalendarsZone) {
  const Time due_date = At("2026-03-01T00:00:00-05:00");  // New York
  const auto due = [&](const std::string& zone) {
    return Stored({PassedAt(due_date)}, WithZone(ByCalendar(30), zone)).due;
  };
  EXPECT_EQ(due("America/New_York"), At("2026-03-31T00:00:00-04:00"));
  EXPECT_EQ(due("Asia/Shanghai"), At("2026-03-31T01:00:00-04:00"));
  const Time shanghai = At("2026-03-01T00:00:00+08:00");
  EXPECT_EQ(Stored({PassedAt(shanghai)}, WithZone(ByCalendar(30), "America/New_York")).due,
            At("2026-03-30T23:00:00+08:00"))
      << "a day early by the company's calendar";
}

TEST(Instalment, ItsClockHasANameWithoutSlashes) {
  EXPECT_EQ(
      ClockName("contracts/0190c6a5-0000-7000-8000-000000000001/instalments/3", "policies/rec-001"),
      "clocks/0190c6a5-0000-7000-8000-000000000001-instalments-3-rec-001");
}

}  // namespace
}  // namespace steward::sla::testing
