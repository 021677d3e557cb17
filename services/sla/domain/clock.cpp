#include "services/sla/domain/clock.h"

#include <algorithm>

namespace steward::sla {
namespace {

std::string_view IdOf(std::string_view name) { return name.substr(name.find('/') + 1); }

void Emit(ClockChange& change, ClockEvent event, Time occurred_at) {
  change.changed = true;
  change.clock.version += 1;
  change.events.emplace_back(std::move(event), occurred_at);
}

void EmitState(ClockChange& change, const ClockPlan& plan, const Policy& policy,
               const RuleSet& rules) {
  switch (plan.state) {
    case RunState::kRunning:
      break;
    case RunState::kPaused:
      Emit(change, event::Paused{plan.open_causes, plan.pauses.back().span.from},
           plan.pauses.back().span.from);
      break;
    case RunState::kMet:
    case RunState::kMissed: {
      event::Stopped stopped{plan.state == RunState::kMet, {}, {}};
      if (!stopped.met) {
        stopped.overrun_elapsed = *plan.stop - *plan.due;
        stopped.overrun =
            Charged(policy.target, rules.Calendar(plan.calendar, plan.calendar_version), *plan.due,
                    *plan.stop, {});
      }
      Emit(change, stopped, *plan.stop);
      change.ends_escalations = true;
      change.end_reason = "clock_stopped";
      break;
    }
    case RunState::kCancelled:
      Emit(change, event::Cancelled{*plan.cancelled_at}, *plan.cancelled_at);
      change.ends_escalations = true;
      change.end_reason = "clock_cancelled";
      break;
  }
}

// When owner and team changed by different facts, the later one is when the clock was with both.
void EmitAssigned(ClockChange& change, const Clock& before, const Attributes& attributes) {
  const bool owner = before.owner != attributes.owner;
  const bool team = before.team != attributes.team;
  if (owner || team) {
    Emit(change, event::Assigned{before.owner, before.team},
         std::max(owner ? attributes.owner_since : kMinTime,
                  team ? attributes.team_since : kMinTime));
  }
}

// Takes the plan's values over; owner and team follow the subject, also when the clock has ended.
void TakePlan(Clock& clock, const ClockPlan& plan, const Attributes& attributes) {
  clock.cycle = std::max(clock.cycle, plan.cycle);  // keys of firings are never used again
  clock.state = plan.state;
  clock.start = plan.start;
  clock.due = plan.due;
  clock.stop = plan.stop;
  clock.provisional = plan.provisional;
  clock.cancel_reason = plan.cancel_reason;
  clock.policy_version = plan.policy_version;
  clock.calendar_version = plan.calendar_version;
  clock.owner = attributes.owner;
  clock.team = attributes.team;
}

ClockChange Create(std::string_view subject, const ClockPlan& plan, const Policy& policy,
                   const RuleSet& rules, const Attributes& attributes) {
  ClockChange change;
  change.created = true;
  Clock& clock = change.clock;
  clock.name = ClockName(subject, plan.policy);
  clock.subject = std::string(subject);
  clock.policy = plan.policy;
  clock.calendar = plan.calendar;
  clock.metric = policy.metric;
  clock.pack = policy.pack;
  clock.seed = policy.seed;
  clock.binding = policy.binding;
  clock.since = plan.since;
  TakePlan(clock, plan, attributes);
  clock.ladder = Replan(plan, policy, Ladder{}, &change.retracted);
  Emit(change, event::Started{}, plan.start);
  EmitState(change, plan, policy, rules);
  return change;
}

bool Stopped(RunState state) { return state == RunState::kMet || state == RunState::kMissed; }

std::string DueReason(const Clock& before, const ClockPlan& plan) {
  if (before.state == RunState::kPaused && plan.last_fact_type == "ticket.resumed") {
    return "resumed";
  }
  if (plan.last_fact_type == "campaign.scheduled_start") {
    return "rescheduled";
  }
  return plan.last_fact_type == "ticket.reopened" ? "reopened" : "late_fact";
}

}  // namespace

Pin PinOf(const Clock& clock) {
  Pin pin{clock.policy_version, clock.calendar_version, clock.since, clock.ladder.acknowledged_at,
          clock.cycle};
  for (const Rung& rung : clock.ladder.rungs) {
    if (rung.calendar_version > 0) {
      pin.calendars[{rung.kind, rung.number}] = rung.calendar_version;
    }
  }
  return pin;
}

std::string ClockName(std::string_view subject, std::string_view policy) {
  std::string id(IdOf(subject));
  std::replace(id.begin(), id.end(), '/', '-');
  return "clocks/" + id + "-" + std::string(IdOf(policy));
}

ClockChange Reconcile(const Clock* stored, std::string_view subject, const ClockPlan& plan,
                      const Policy& policy, const RuleSet& rules, const Attributes& attributes) {
  if (stored == nullptr) {
    return Create(subject, plan, policy, rules, attributes);
  }
  const Clock& before = *stored;
  ClockChange change;
  change.clock = before;
  change.retracted_cycle = before.cycle;
  change.retraction_cause = plan.last_fact;
  Clock& clock = change.clock;
  const bool new_cycle = plan.cycle > before.cycle;
  const Ladder ladder =
      Replan(plan, policy, new_cycle ? Ladder{} : before.ladder, &change.retracted);
  const bool moved = before.due != plan.due || before.start != plan.start;
  const bool stop_moved = before.stop != plan.stop;
  const RunState old_state = before.state;
  TakePlan(clock, plan, attributes);
  clock.ladder = ladder;
  EmitAssigned(change, before, attributes);
  const bool restarted = new_cycle || (Stopped(old_state) && !plan.stop) ||
                         (old_state == RunState::kCancelled && plan.state != RunState::kCancelled);
  for (const Retraction& taken : change.retracted) {
    if (taken.kind == PlannedRung::Kind::kBreach) {
      Emit(change,
           event::Retracted{before.cycle, taken.arming, before.due.value_or(Time{}), plan.last_fact,
                            plan.last_fact_type, plan.last_fact_at},
           plan.last_fact_at);
    }
  }
  if (restarted) {
    const bool reopened = new_cycle || plan.last_fact_type == "ticket.reopened";
    const char* reason = reopened                            ? "reopened"
                         : old_state == RunState::kCancelled ? "rematched"
                                                             : "late_fact";
    Emit(change, event::Restarted{reason}, plan.last_fact_at);
  } else if (moved) {
    Emit(change, event::DueChanged{before.due, DueReason(before, plan)}, plan.last_fact_at);
  }
  if (!restarted && old_state == RunState::kPaused && plan.state == RunState::kRunning) {
    Emit(change, event::Resumed{plan.last_fact_at}, plan.last_fact_at);
  } else if (plan.state != old_state || (restarted && plan.state != RunState::kRunning) ||
             (Stopped(plan.state) && stop_moved)) {
    EmitState(change, plan, policy, rules);
  }
  change.changed = change.changed || !(before.ladder == ladder);
  return change;
}

std::vector<ClockChange> ReconcileCycles(const Clock* stored, std::string_view subject,
                                         const ClockPlan& plan, const Policy& policy,
                                         const RuleSet& rules, const Attributes& attributes,
                                         Time now) {
  std::vector<ClockChange> changes;
  std::optional<Clock> clock = stored == nullptr ? std::nullopt : std::optional(*stored);
  const auto take = [&](ClockChange change) {
    clock = change.clock;
    if (change.changed) {
      changes.push_back(std::move(change));
    }
  };
  for (const ClockPlan& ended : plan.earlier) {
    take(Reconcile(clock ? &*clock : nullptr, subject, ended, policy, rules, attributes));
    take(FireDue(*clock, policy, rules, now, true, ""));
  }
  take(Reconcile(clock ? &*clock : nullptr, subject, plan, policy, rules, attributes));
  return changes;
}

ClockChange FireDue(const Clock& stored, const Policy& policy, const RuleSet& rules, Time now,
                    bool accuse, std::string_view mark) {
  ClockChange change;
  change.clock = stored;
  Ladder& ladder = change.clock.ladder;
  for (auto next = Next(ladder, policy, rules); next && IsDue(*next, now);
       next = Next(ladder, policy, rules)) {
    const bool accuses = next->kind != PlannedRung::Kind::kWarning;
    if (accuses && !accuse) {
      break;
    }
    Fire(ladder, *next, now);
    change.changed = true;
    const event::Fired fired{next->kind,
                             next->number,
                             next->arming,
                             next->at,
                             now,
                             next->reinstates,
                             accuses ? std::string(mark) : std::string()};
    if (next->kind == PlannedRung::Kind::kLevel) {
      change.raised.push_back(next->number);
      change.events.emplace_back(fired,
                                 next->at);  // the escalation's event; the clock's version stays
    } else {
      Emit(change, fired, next->at);
    }
  }
  change.ends_escalations = !change.raised.empty() && ladder.limit.has_value();
  change.end_reason = stored.state == RunState::kCancelled ? "clock_cancelled" : "clock_stopped";
  return change;
}

Escalation Raise(const Clock& clock, const Policy& policy, int level) {
  Escalation e;
  const auto rung = std::find_if(
      clock.ladder.rungs.begin(), clock.ladder.rungs.end(),
      [&](const Rung& r) { return r.kind == PlannedRung::Kind::kLevel && r.number == level; });
  e.clock = clock.name;
  e.subject = clock.subject;
  e.policy = clock.policy;
  e.cycle = clock.cycle;
  e.level = level;
  e.arming = rung->armings;
  e.name = "escalations/" + std::string(IdOf(clock.name)) + "-" + std::to_string(e.cycle) + "-" +
           std::to_string(level) + "-" + std::to_string(e.arming);
  e.role = policy.levels[static_cast<size_t>(level) - 1].role;
  e.fallback_role = policy.fallback_role;
  e.owner = clock.owner;
  e.team = clock.team;
  e.occurred_at = rung->occurred_at;
  e.detected_at = rung->detected_at;
  return e;
}

}  // namespace steward::sla
