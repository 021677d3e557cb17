// R37: a clock keeps the versions that it started with, of the calendars of its thresholds too.

#include "tests/unit/services/sla/clock_cases.h"
#include "tests/unit/services/sla/sample_calendars.h"

namespace steward::sla::testing {
namespace {

constexpr char kOffice[] = "calendars/office";

// Version 1 is open eight hours a day, version 2 two.
RuleSet Calendars(Policy policy, int active) {
  RuleSet rules = Rules({std::move(policy)});
  rules.calendars[{kOffice, 1}] = Compiled(Weekdays("UTC", {Work("09:00", "17:00")}), 2020, 2030);
  rules.calendars[{kOffice, 2}] = Compiled(Weekdays("UTC", {Work("09:00", "11:00")}), 2020, 2030);
  rules.active_calendars[kOffice] = active;
  return rules;
}

// Due after 48 h; warned eight working hours before, level 2 eight working hours after level 1.
Policy Warned() {
  Policy p = FirstResponse();
  p.warnings = {{Offset{-Hours(8)}, kOffice}};
  p.levels[1].interval = Hours(8);
  p.levels[1].calendar = kOffice;
  return p;
}

ClockPlan PlanKeeping(const Clock& clock, const RuleSet& rules) {
  return Only(PlanSubject({Registered(), Happened(2, "ticket.assigned", Hours(1))}, rules,
                          {{clock.policy, PinOf(clock)}}, kNoFreshFact));
}

TEST(Pinning, AThresholdKeepsItsCalendar) {
  const Clock clock = Stored({Registered()}, Calendars(Warned(), 1));
  const ClockPlan before = PlanKeeping(clock, Calendars(Warned(), 1));
  const ClockPlan after = PlanKeeping(clock, Calendars(Warned(), 2));
  EXPECT_EQ(before.rungs[0].at, kStart + Hours(24));
  EXPECT_EQ(after.rungs[0].at, before.rungs[0].at);
  EXPECT_EQ(after.rungs[0].calendar_version, 1);
  Attributes same;
  same.owner = clock.owner;
  same.team = clock.team;
  EXPECT_FALSE(Reconcile(&clock, kSubject, after, Warned(), Calendars(Warned(), 2), same).changed);
}

TEST(Pinning, ANewClockTakesTheActiveOne) {
  const ClockPlan plan = Only(Plan({Registered()}, Calendars(Warned(), 2)));
  EXPECT_EQ(plan.rungs[0].calendar_version, 2);
  EXPECT_LT(*plan.rungs[0].at, kStart) << "eight hours are four days";
}

TEST(Pinning, AnIntervalKeepsItsCalendar) {
  const RuleSet then = Calendars(Warned(), 1), now = Calendars(Warned(), 2);
  const Clock raised = FireAt(Stored({Registered()}, then), then, Hours(48) + Minutes(30));
  const auto next = Next(raised.ladder, Warned(), now);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->at, kStart + Hours(72) + Minutes(30)) << "half past nine the next day";
}

TEST(Pinning, ANewCycleKeepsThemToo) {
  Policy policy = Warned();
  policy.stop_event = "ticket.closed";
  policy.on_reopen = OnReopen::kNewCycle;
  const Clock clock = Stored({Registered()}, Calendars(policy, 1));
  const RuleSet now = Calendars(policy, 2);
  const ClockPlan plan = Only(PlanSubject({Registered(), Happened(2, "ticket.closed", Hours(1)),
                                           Happened(3, "ticket.reopened", Hours(2))},
                                          now, {{clock.policy, PinOf(clock)}}, kNoFreshFact));
  EXPECT_EQ(plan.cycle, 2);
  EXPECT_EQ(plan.rungs[0].calendar_version, 1);
}

TEST(Pinning, TheThresholdsOfThePromisesOwnCalendarFollowIt) {
  Policy policy = Warned();
  policy.calendar = kOffice;
  policy.target.kind = Target::Kind::kWorkingTime;
  policy.target.amount = Hours(16);
  const RuleSet rules = Calendars(policy, 2);
  const ClockPlan plan = Only(PlanSubject({Registered()}, rules, {{policy.name, {1, 1, 0}}}, 0));
  EXPECT_EQ(plan.rungs[0].calendar_version, 1);
}

TEST(Pinning, TheVersionsSurviveTheLaddersEncoding) {
  const Clock clock = Stored({Registered()}, Calendars(Warned(), 2));
  const auto decoded = DecodeLadder(EncodeLadder(clock.ladder));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, clock.ladder);
  EXPECT_EQ(PinOf(clock).calendars.size(), 2u);
}

}  // namespace
}  // namespace steward::sla::testing
