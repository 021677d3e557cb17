#include "services/sla/events/sla_events.h"

#include "libs/rpc/validate.h"

namespace steward::sla {
namespace {

using events::v1::SlaEvent;
using rpc::ToProto;

template <class Message>
void PutDue(const std::optional<Time>& due, Message* message) {
  if (due) {
    *message->mutable_due_time() = ToProto(*due);
  }
}

struct Mapper {
  const Clock& clock;
  SlaEvent* out;

  void operator()(const event::Started&) const {
    auto* m = out->mutable_clock_started();
    m->set_subject(clock.subject);
    m->set_policy(clock.policy);
    m->set_policy_version(clock.policy_version);
    m->set_calendar(clock.calendar);
    m->set_calendar_version(clock.calendar_version);
    m->set_metric(clock.metric);
    m->set_cycle(clock.cycle);
    *m->mutable_start_time() = ToProto(clock.start);
    PutDue(clock.due, m);
    m->set_provisional(clock.provisional);
    m->set_owner(clock.owner);
    m->set_team(clock.team);
    m->set_pack(clock.pack);
    m->set_seed(clock.seed);
  }
  void operator()(const event::DueChanged& e) const {
    auto* m = out->mutable_clock_due_changed();
    if (e.from) {
      *m->mutable_from_due_time() = ToProto(*e.from);
    }
    PutDue(clock.due, m);
    m->set_reason(e.reason);
    m->set_policy_version(clock.policy_version);
    m->set_provisional(clock.provisional);
    m->set_cycle(clock.cycle);
    *m->mutable_start_time() = ToProto(clock.start);
  }
  void operator()(const event::Paused& e) const {
    auto* m = out->mutable_clock_paused();
    m->mutable_causes()->Add(e.causes.begin(), e.causes.end());
    *m->mutable_pause_time() = ToProto(e.since);
  }
  void operator()(const event::Resumed& e) const {
    *out->mutable_clock_resumed()->mutable_resume_time() = ToProto(e.at);
  }
  void operator()(const event::Stopped& e) const {
    auto* m = out->mutable_clock_stopped();
    m->set_met(e.met);
    *m->mutable_stop_time() = ToProto(*clock.stop);
    PutDue(clock.due, m);
    m->set_overrun_micros(e.overrun.micros);
    m->set_overrun_elapsed_micros(e.overrun_elapsed.micros);
    m->set_cycle(clock.cycle);
  }
  void operator()(const event::Restarted& e) const {
    auto* m = out->mutable_clock_restarted();
    m->set_cycle(clock.cycle);
    PutDue(clock.due, m);
    m->set_reason(e.reason);
    *m->mutable_start_time() = ToProto(clock.start);
  }
  void operator()(const event::Cancelled& e) const {
    out->mutable_clock_cancelled()->set_reason(clock.cancel_reason);
    *out->mutable_clock_cancelled()->mutable_cancel_time() = ToProto(e.at);
  }
  void operator()(const event::Assigned& e) const {
    auto* m = out->mutable_clock_assigned();
    m->set_from_owner(e.from_owner);
    m->set_owner(clock.owner);
    m->set_from_team(e.from_team);
    m->set_team(clock.team);
  }
  void operator()(const event::Fired& e) const {
    auto* m = e.kind == PlannedRung::Kind::kWarning ? out->mutable_clock_warned()
              : e.reinstates                        ? out->mutable_clock_breach_reinstated()
                                                    : out->mutable_clock_breached();
    m->set_cycle(clock.cycle);
    m->set_threshold(RungName(e.kind, e.number));
    m->set_arming(e.arming);
    *m->mutable_occurred_at() = ToProto(e.occurred_at);
    *m->mutable_detected_at() = ToProto(e.detected_at);
    m->set_mark(e.mark);
    m->set_subject(clock.subject);
    m->set_policy(clock.policy);
    m->set_owner(clock.owner);
  }
  void operator()(const event::Retracted& e) const {
    auto* m = out->mutable_clock_breach_retracted();
    m->set_cycle(e.cycle);
    m->set_threshold("breach");
    m->set_arming(e.arming);
    m->set_cause_event_id(e.cause_id);
    m->set_cause_type(e.cause_type);
    *m->mutable_cause_occurred_at() = ToProto(e.cause_at);
  }
};

void PutEscalation(Escalation& escalation, const SlaEvent& event, Time occurred_at,
                   const ChangeContext& context, Batch& batch) {
  escalation.version += 1;
  batch.PutEscalation(escalation);
  batch.AddEvent(eventing::MakeEvent(context.ids, context.now, escalation.name, escalation.version,
                                     occurred_at, event));
}

void Close(Escalation& escalation, EscalationState state, std::string_view reason,
           const ChangeContext& context, Batch& batch) {
  escalation.state = state;
  PutEscalation(escalation, ClosedEvent(escalation, reason), context.now, context, batch);
}

}  // namespace

SlaEvent ToEvent(const Clock& clock, const ClockEvent& event) {
  SlaEvent out;
  std::visit(Mapper{clock, &out}, event);
  return out;
}

SlaEvent RaisedEvent(const Escalation& e, std::string_view mark) {
  SlaEvent out;
  auto* m = out.mutable_escalation_raised();
  m->set_clock(e.clock);
  m->set_subject(e.subject);
  m->set_policy(e.policy);
  m->set_cycle(e.cycle);
  m->set_level(e.level);
  m->set_arming(e.arming);
  m->set_role(e.role);
  m->set_recipient(e.recipient);
  m->set_recipient_basis(e.basis);
  *m->mutable_occurred_at() = ToProto(e.occurred_at);
  *m->mutable_detected_at() = ToProto(e.detected_at);
  m->set_mark(std::string(mark));
  return out;
}

SlaEvent ClosedEvent(const Escalation& e, std::string_view reason) {
  SlaEvent out;
  auto* m = e.state == EscalationState::kWithdrawn ? out.mutable_escalation_withdrawn()
                                                   : out.mutable_escalation_ended();
  m->set_reason(std::string(reason));
  m->set_recipient(e.recipient);
  return out;
}

SlaEvent ReassignedEvent(const std::string& from, const Escalation& e) {
  SlaEvent out;
  auto* m = out.mutable_escalation_reassigned();
  m->set_from_recipient(from);
  m->set_recipient(e.recipient);
  m->set_recipient_basis(e.basis);
  return out;
}

void FindRecipient(const identity::Org& org, Time at, Escalation& e) {
  const bool known = (e.owner.empty() || org.members.contains(e.owner)) &&
                     (e.team.empty() || org.teams.contains(e.team));
  const identity::Recipient found = known
                                        ? org.Resolve(e.role, e.owner, e.team, e.fallback_role, at)
                                        : identity::Recipient{"", "none"};
  e.recipient = found.member;
  e.basis = found.member.empty() ? "pending" : found.basis;
}

namespace {

// All but the clock's own row; `escalations` are the open ones, and stay so.
void PutEvents(const ClockChange& change, const Policy& policy,
               std::vector<Escalation>& escalations, const ChangeContext& context, Batch& batch) {
  const Clock& clock = change.clock;
  int64_t version = clock.version;
  for (const auto& [event, at] : change.events) {
    const auto* fired = std::get_if<event::Fired>(&event);
    version -= fired != nullptr && fired->kind == PlannedRung::Kind::kLevel ? 0 : 1;
  }
  for (const Retraction& taken : change.retracted) {
    batch.RetractFiring(clock.name, change.retracted_cycle, taken, change.retraction_cause);
    for (Escalation& e : escalations) {
      if (taken.kind == PlannedRung::Kind::kLevel && e.cycle == change.retracted_cycle &&
          e.level == taken.number) {
        Close(e, EscalationState::kWithdrawn, "breach_retracted", context, batch);
      }
    }
  }
  for (const auto& [event, at] : change.events) {
    const auto* fired = std::get_if<event::Fired>(&event);
    if (fired != nullptr) {
      batch.PutFiring(clock.name, clock.cycle, *fired);
    }
    if (fired != nullptr && fired->kind == PlannedRung::Kind::kLevel) {
      Escalation raised = Raise(clock, policy, fired->number);
      FindRecipient(context.org, context.now, raised);
      PutEscalation(raised, RaisedEvent(raised, fired->mark), fired->occurred_at, context, batch);
      escalations.push_back(raised);
    } else {
      batch.AddEvent(eventing::MakeEvent(context.ids, context.now, clock.name, ++version, at,
                                         ToEvent(clock, event)));
    }
  }
  if (change.ends_escalations) {
    for (Escalation& e : escalations) {
      if (e.state == EscalationState::kOpen) {
        Close(e, EscalationState::kEnded, change.end_reason, context, batch);
      }
    }
  }
  std::erase_if(escalations, [](const Escalation& e) { return e.state != EscalationState::kOpen; });
}

}  // namespace

void Put(const ClockChange& change, const Policy& policy, const std::vector<Escalation>& open,
         const ChangeContext& context, Batch& batch) {
  std::vector<Escalation> escalations = open;
  PutEvents(change, policy, escalations, context, batch);
  if (change.changed) {
    batch.PutClock(change.clock, change.created, Next(change.clock.ladder, policy, context.rules),
                   context.now);
  }
}

void Put(const std::vector<ClockChange>& changes, const Policy& policy,
         std::vector<Escalation> open, const ChangeContext& context, Batch& batch) {
  if (changes.empty()) {
    return;
  }
  for (const ClockChange& change : changes) {
    PutEvents(change, policy, open, context, batch);
  }
  const Clock& clock = changes.back().clock;
  batch.PutClock(clock, changes.front().created, Next(clock.ladder, policy, context.rules),
                 context.now);
}

}  // namespace steward::sla
