#include "services/sla/events/tickets.h"

#include <algorithm>
#include <set>

#include "libs/base/status.h"
#include "services/sla/storage/clocks.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"

namespace steward::sla {
namespace {

namespace pb = complaints::events::v1;

constexpr pg::Statement kNow{"sla_now", "SELECT clock_timestamp()"};

template <class List>
std::vector<std::string> Strings(const List& list) {
  return {list.begin(), list.end()};
}

void FromRegistered(const pb::TicketRegistered& m, Fact& fact) {
  fact.kind_path = Strings(m.kind_path());
  fact.severity = m.severity();
  fact.tiers = Strings(m.customer_tiers());
  fact.channel = m.channel();
  fact.region = m.region();
  fact.owner = m.owner();
  fact.team = m.team();
}

// What a ticket event says to clocks; false = nothing.
bool Fill(const pb::ComplaintsEvent& event, Fact& fact) {
  switch (event.event_case()) {
    case pb::ComplaintsEvent::kTicketRegistered:
      FromRegistered(event.ticket_registered(), fact);
      return true;
    case pb::ComplaintsEvent::kTicketAssigned:
      fact.owner = event.ticket_assigned().owner();
      return true;
    case pb::ComplaintsEvent::kTicketTransferred: {
      const auto& m = event.ticket_transferred();
      fact.team = m.team();
      fact.owner = m.owner();
      if (m.region() != m.from_region()) {
        fact.region = m.region();
      }
      return true;
    }
    case pb::ComplaintsEvent::kTicketHeld:
      fact.cause = event.ticket_held().cause();
      return true;
    case pb::ComplaintsEvent::kTicketResumed:
      fact.cause = event.ticket_resumed().cause();
      return true;
    case pb::ComplaintsEvent::kTicketSeverityChanged:
      fact.severity = event.ticket_severity_changed().severity();
      return true;
    case pb::ComplaintsEvent::kTicketKindChanged: {
      const auto& m = event.ticket_kind_changed();
      fact.kind_path = Strings(m.kind_path());
      fact.severity = m.severity();
      return true;
    }
    case pb::ComplaintsEvent::kRepeatDetected:
    case pb::ComplaintsEvent::kTicketNoteAdded:
    case pb::ComplaintsEvent::EVENT_NOT_SET:
      return false;
    default:
      return true;  // milestones and cancellation: the type says all
  }
}

bool IsTicket(const eventing::Event& event) {
  return event.topic == kComplaintsTopic && event.aggregate.starts_with("complaints/");
}

struct Subject {
  std::vector<Fact> facts;
  std::vector<Clock> clocks;
  std::map<std::string, std::vector<Escalation>> open;  // by clock
  int64_t version = 0;
  int64_t fresh_from = kNoFreshFact;       // first new fact that starts or matches again
  const eventing::Event* cause = nullptr;  // the last event of this batch
};

absl::Status ReadFacts(const pg::Result& rows, std::map<std::string, Subject>& subjects) {
  for (int i = 0; i < rows.rows(); ++i) {
    Subject& subject = subjects[rows.Text(i, 0)];
    ASSIGN_OR_RETURN(Fact fact, ToFact(rows.Uuid(i, 2).ToString(), rows.Int(i, 1),
                                       rows.Timestamp(i, 4), rows.Bytes(i, 5)));
    subject.version = fact.version;
    subject.facts.push_back(std::move(fact));
  }
  return absl::OkStatus();
}

absl::Status ReadClocks(const pg::Result& clocks, const pg::Result& escalations,
                        std::map<std::string, Subject>& subjects) {
  for (int i = 0; i < clocks.rows(); ++i) {
    ASSIGN_OR_RETURN(Clock clock, ReadClock(clocks, i));
    subjects[clock.subject].clocks.push_back(std::move(clock));
  }
  for (int i = 0; i < escalations.rows(); ++i) {
    Escalation escalation = ReadEscalation(escalations, i);
    subjects[escalation.subject].open[escalation.clock].push_back(std::move(escalation));
  }
  return absl::OkStatus();
}

// What happened to which policy's clock; counted after the commit.
using Decided = std::vector<std::pair<std::string, ClockEvent>>;

void CountFiring(const std::string& policy, const event::Fired& fired, SlaMetrics& metrics) {
  switch (fired.kind) {
    case PlannedRung::Kind::kWarning:
      return metrics.Warned(policy);
    case PlannedRung::Kind::kBreach:
      return metrics.Breached(policy);
    case PlannedRung::Kind::kLevel:
      return metrics.Raised(policy, fired.number);
  }
}

void CountOne(const std::string& policy, const ClockEvent& event, SlaMetrics& metrics) {
  if (const auto* stopped = std::get_if<event::Stopped>(&event)) {
    if (stopped->met) {
      metrics.Met(policy);
    }
  } else if (std::holds_alternative<event::Retracted>(event)) {
    metrics.Retracted(policy);
  } else if (const auto* fired = std::get_if<event::Fired>(&event)) {
    CountFiring(policy, *fired, metrics);
  }
}

absl::Status Replan(const std::string& name, const Subject& subject, const ChangeContext& context,
                    Batch& batch, Decided& decided) {
  std::map<std::string, Pin> pins;
  for (const Clock& clock : subject.clocks) {
    pins[clock.policy] = PinOf(clock);
  }
  const SubjectPlan plan = PlanSubject(subject.facts, context.rules, pins, subject.fresh_from);
  batch.PutSubject(
      {name, subject.version, plan.attributes.owner, plan.attributes.team, plan.clocks.empty()});
  for (const ClockPlan& planned : plan.clocks) {
    const Policy* policy = context.rules.Find(planned.policy, planned.policy_version);
    const auto stored = std::find_if(subject.clocks.begin(), subject.clocks.end(),
                                     [&](const Clock& c) { return c.policy == planned.policy; });
    const std::vector<ClockChange> changes =
        ReconcileCycles(stored == subject.clocks.end() ? nullptr : &*stored, name, planned, *policy,
                        context.rules, plan.attributes, context.now);
    for (const ClockChange& change : changes) {
      for (const auto& [event, at] : change.events) {
        decided.emplace_back(planned.policy, event);
      }
    }
    if (!changes.empty()) {
      const auto open = subject.open.find(changes.back().clock.name);
      Put(changes, *policy, open == subject.open.end() ? std::vector<Escalation>{} : open->second,
          context, batch);
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<eventing::Input> Inputs(int complaints_partitions) {
  return {{kComplaintsTopic, &pb::ComplaintsEvent::default_instance(), complaints_partitions},
          identity::DirectoryInput()};
}

std::optional<Fact> ToFact(const eventing::Event& event) {
  Fact fact;
  fact.event_id = event.event_id.ToString();
  fact.version = event.version;
  fact.type = event.type;
  fact.occurred_at = event.occurred_at;
  return Fill(static_cast<const pb::ComplaintsEvent&>(*event.message), fact) ? std::optional(fact)
                                                                             : std::nullopt;
}

absl::StatusOr<Fact> ToFact(const std::string& event_id, int64_t version, Time occurred_at,
                            std::string_view payload) {
  pb::ComplaintsEvent message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::DataLossError("subject_fact: payload does not parse");
  }
  Fact fact;
  fact.event_id = event_id;
  fact.version = version;
  fact.type = eventing::EventName(message);
  fact.occurred_at = occurred_at;
  Fill(message, fact);
  return fact;
}

std::vector<pg::LockKey> TicketProjection::Locks(const std::vector<eventing::Event>& events) const {
  // The subject's lock is the record's key, which the consumer locks anyway.
  for (const eventing::Event& event : events) {
    if (IsTicket(event)) {
      return {SharedRuleset()};
    }
  }
  return {};
}

absl::Status TicketProjection::Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) {
  std::vector<const eventing::Event*> tickets;
  for (const eventing::Event& event : events) {
    if (event.topic == identity::kDirectoryTopic) {
      RETURN_IF_ERROR(identity::ApplyDirectoryEvent(tx, event));
    } else if (IsTicket(event)) {
      tickets.push_back(&event);
    }
  }
  return tickets.empty() ? absl::OkStatus() : ApplyTickets(tx, tickets);
}

absl::Status TicketProjection::ApplyTickets(pg::Tx& tx,
                                            const std::vector<const eventing::Event*>& events) {
  std::vector<StoredFact> fresh;
  std::set<std::string> names;
  for (const eventing::Event* event : events) {
    if (ToFact(*event)) {
      fresh.push_back({event->aggregate, event->version, event->event_id, event->type,
                       event->occurred_at, event->message->SerializeAsString()});
      names.insert(event->aggregate);
    }
  }
  if (fresh.empty()) {
    return absl::OkStatus();
  }
  const std::vector<std::string> subjects(names.begin(), names.end());
  QueueFacts(tx, fresh);
  const pg::Pending revision = QueueRevision(tx);
  const pg::Pending now = tx.Queue(kNow);
  const pg::Pending facts = QueueFactsOf(tx, subjects);
  const pg::Pending clocks = QueueClocksOf(tx, subjects);
  const pg::Pending escalations = QueueOpenEscalationsOf(tx, subjects);
  RETURN_IF_ERROR(tx.Flush());
  ASSIGN_OR_RETURN(const auto rules, deps_.rules->Get(tx, revision->Int(0, 0)));
  std::map<std::string, Subject> state;
  RETURN_IF_ERROR(ReadFacts(*facts, state));
  RETURN_IF_ERROR(ReadClocks(*clocks, *escalations, state));
  for (const StoredFact& fact : fresh) {
    if (CanStart(fact.type, *rules)) {
      int64_t& from = state[fact.subject].fresh_from;
      from = std::min(from, fact.version);
    }
  }
  const auto org = deps_.org->Get();
  const ChangeContext context{*rules, *org, *deps_.ids, now->Timestamp(0, 0)};
  Batch batch;
  Decided decided;
  for (const eventing::Event* event : events) {
    state[event->aggregate].cause = event;
  }
  for (const std::string& name : subjects) {
    const eventing::Event& cause = *state[name].cause;
    batch.SetOrigin({"system:sla", cause.origin.correlation, cause.event_id.ToString(),
                     cause.origin.traceparent});
    RETURN_IF_ERROR(Replan(name, state[name], context, batch, decided));
  }
  tx.AfterCommit([this, armed = batch.armed(), decided] {
    for (const auto& [policy, event] : decided) {
      CountOne(policy, event, *deps_.metrics);
    }
    deps_.armed(armed);
  });
  return batch.Queue(tx);
}

void TicketProjection::Applied(const std::vector<eventing::Event>& events) {
  const bool directory = std::any_of(events.begin(), events.end(), [](const auto& e) {
    return e.topic == identity::kDirectoryTopic;
  });
  deps_.applied(directory);
}

}  // namespace steward::sla
