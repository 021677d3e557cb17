#include "services/sla/api/mapping.h"

#include "libs/rpc/validate.h"

namespace steward::sla {

using rpc::ToProto;

v1::Clock::Status StatusOf(const Clock& clock) {
  if (!clock.open()) {
    return v1::Clock::STATUS_UNSPECIFIED;
  }
  if (HasStanding(clock.ladder, PlannedRung::Kind::kBreach)) {
    return v1::Clock::STATUS_BREACHED;
  }
  if (clock.state == RunState::kPaused) {
    return v1::Clock::STATUS_PAUSED;
  }
  return HasStanding(clock.ladder, PlannedRung::Kind::kWarning) ? v1::Clock::STATUS_WARNED
                                                                : v1::Clock::STATUS_RUNNING;
}

std::string EtagOf(int64_t version) { return "\"" + std::to_string(version) + "\""; }

v1::Clock ToProto(const Clock& clock, const RuleSet& rules, Time now) {
  v1::Clock out;
  out.set_name(clock.name);
  out.set_subject(clock.subject);
  out.set_policy(clock.policy);
  out.set_policy_version(clock.policy_version);
  out.set_calendar(clock.calendar);
  out.set_calendar_version(clock.calendar_version);
  out.set_metric(clock.metric);
  out.set_cycle(clock.cycle);
  out.set_run_state(static_cast<v1::Clock::RunState>(clock.state));
  out.set_status(StatusOf(clock));
  *out.mutable_start_time() = ToProto(clock.start);
  if (clock.due) {
    *out.mutable_due_time() = ToProto(*clock.due);
    *out.mutable_due_if_resumed_now() = ToProto(*clock.due);
  }
  if (clock.stop) {
    *out.mutable_stop_time() = ToProto(*clock.stop);
  }
  const Policy* policy = rules.Find(clock.policy, clock.policy_version);
  const CompiledCalendar* calendar = rules.Calendar(clock.calendar, clock.calendar_version);
  const bool working = policy != nullptr && NeedsCalendar(policy->target) && calendar != nullptr &&
                       policy->target.kind != Target::Kind::kCalendarDays;
  if (clock.open()) {
    out.set_overdue(clock.state == RunState::kRunning && clock.due && *clock.due < now);
    out.set_outside_hours(working && !calendar->IsOpen(now));
    if (clock.due && policy != nullptr) {
      const bool late = *clock.due < now;
      const Time from = late ? *clock.due : now;
      const Time to = late ? now : *clock.due;
      const Duration span = Charged(policy->target, calendar, from, to, {});
      *out.mutable_remaining() = ToProto(late ? -span : span);
    }
  }
  out.set_provisional(clock.provisional);
  for (const Rung& rung : clock.ladder.rungs) {
    if (rung.standing) {
      out.add_fired(RungName(rung));
    }
  }
  if (const auto next = policy == nullptr ? std::nullopt : Next(clock.ladder, *policy, rules)) {
    out.set_next_threshold(RungName(next->kind, next->number));
    *out.mutable_next_threshold_time() = ToProto(next->at);
  }
  out.set_owner(clock.owner);
  out.set_team(clock.team);
  out.set_pack(clock.pack);
  out.set_seed(clock.seed);
  out.set_binding(static_cast<v1::Policy::Binding>(clock.binding));
  out.set_cancel_reason(clock.cancel_reason);
  out.set_version(clock.version);
  return out;
}

void FillFromPlan(const ClockPlan& plan, const Policy& policy, const RuleSet& rules, Time now,
                  v1::Clock* out) {
  if (plan.state != RunState::kPaused || plan.carried > Duration{0}) {
    return;
  }
  std::vector<Span> pauses;
  for (const NamedPause& pause : plan.pauses) {
    pauses.push_back({pause.span.from, std::min(pause.span.to, now)});
  }
  const CompiledCalendar* calendar = rules.Calendar(plan.calendar, plan.calendar_version);
  const Reached due = Due(policy.target, calendar, plan.start, pauses);
  if (due.at) {
    *out->mutable_due_if_resumed_now() = ToProto(*due.at);
    *out->mutable_remaining() = ToProto(Charged(policy.target, calendar, now, *due.at, {}));
  }
}

v1::Escalation ToProto(const EscalationRow& row) {
  const Escalation& e = row.escalation;
  v1::Escalation out;
  out.set_name(e.name);
  out.set_clock(e.clock);
  out.set_subject(e.subject);
  out.set_policy(e.policy);
  out.set_cycle(e.cycle);
  out.set_level(e.level);
  out.set_role(e.role);
  out.set_recipient(e.recipient);
  out.set_recipient_basis(e.basis);
  out.set_state(static_cast<v1::Escalation::State>(e.state));
  *out.mutable_occurred_at() = ToProto(e.occurred_at);
  *out.mutable_detected_at() = ToProto(e.detected_at);
  out.set_acknowledged_by(row.acknowledged_by);
  out.set_on_behalf_of(row.on_behalf_of);
  if (row.acknowledge_time) {
    *out.mutable_acknowledge_time() = ToProto(*row.acknowledge_time);
  }
  out.set_note(row.note);
  out.set_etag(EtagOf(e.version));
  return out;
}

std::string StateName(const Escalation& escalation) {
  return v1::Escalation::State_Name(static_cast<v1::Escalation::State>(escalation.state));
}

}  // namespace steward::sla
