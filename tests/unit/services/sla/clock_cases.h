#pragma once
// A ticket, two policies and the steps of consumer and watcher, for tests of clocks.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "services/sla/domain/clock.h"

namespace steward::sla::testing {

inline const Time kStart = *ParseTime("2026-03-02T09:00:00Z");
inline constexpr char kSubject[] = "complaints/0190c6a5-0000-7000-8000-000000000001";

inline Fact Registered(int64_t version = 1) {
  Fact f;
  f.event_id = "e" + std::to_string(version);
  f.number = version;
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

inline Fact Happened(int64_t version, std::string type, Duration after, std::string cause = "") {
  Fact f;
  f.event_id = "e" + std::to_string(version);
  f.number = version;
  f.type = std::move(type);
  f.occurred_at = kStart + after;
  f.cause = std::move(cause);
  return f;
}

inline Fact Severity(int64_t version, std::string severity, Duration after) {
  Fact f = Happened(version, "ticket.severity_changed", after);
  f.severity = std::move(severity);
  return f;
}

inline Policy FirstResponse() {
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

inline Policy Closure() {
  Policy p = FirstResponse();
  p.name = "policies/closure";
  p.metric = "closure";
  p.stop_event = "ticket.closed";
  p.target.amount = Hours(100);
  p.pause_causes = {"*"};
  return p;
}

inline RuleSet Rules(std::vector<Policy> policies) {
  RuleSet rules;
  for (Policy& p : policies) {
    rules.versions[{p.name, p.version}] = p;
    rules.in_force[p.name].push_back({p, {}, {}});
  }
  return rules;
}

inline ClockPlan Only(const SubjectPlan& plan) {
  EXPECT_EQ(plan.clocks.size(), 1u);
  return plan.clocks.front();
}

inline SubjectPlan Plan(std::vector<Fact> facts, const RuleSet& rules) {
  return PlanSubject(std::move(facts), rules, {}, 0);
}

// A stored clock as the consumer would have left it.
inline Clock Stored(const std::vector<Fact>& facts, const RuleSet& rules) {
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

inline ClockChange Learn(const Clock& stored, std::vector<Fact> facts, const RuleSet& rules) {
  const SubjectPlan plan = Plan(std::move(facts), rules);
  return Reconcile(&stored, kSubject, Only(plan), *rules.Find(stored.policy, 1), rules,
                   plan.attributes);
}

inline Clock FireAt(const Clock& clock, const RuleSet& rules, Duration after,
                    ClockChange* change = nullptr) {
  ClockChange fired = FireDue(clock, *rules.Find(clock.policy, 1), rules, kStart + after, true, "");
  if (change != nullptr) {
    *change = fired;
  }
  return fired.clock;
}

}  // namespace steward::sla::testing
