// The escalation half of ClocksApi.

#include <algorithm>
#include <set>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/sla/api/clocks_api.h"
#include "services/sla/api/mapping.h"
#include "services/sla/events/sla_events.h"

namespace steward::sla {
namespace {

constexpr pg::Statement kGuard{"sla_guard_version", "SELECT version FROM watcher_state"};
constexpr pg::Statement kReleaseGuard{"sla_guard_set_release",
                                      "UPDATE watcher_state SET version = version + 1, "
                                      "release_until = clock_timestamp() + interval '10 minutes'"};
constexpr char kGuardAggregate[] = "watcher/guard";

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
  *out.mutable_occurred_at() = rpc::ToProto(e.occurred_at);
  *out.mutable_detected_at() = rpc::ToProto(e.detected_at);
  out.set_acknowledged_by(row.acknowledged_by);
  out.set_on_behalf_of(row.on_behalf_of);
  if (row.acknowledge_time) {
    *out.mutable_acknowledge_time() = rpc::ToProto(*row.acknowledge_time);
  }
  out.set_note(row.note);
  out.set_etag(EtagOf(e.version));
  return out;
}

const char* StateName(EscalationState state) {
  switch (state) {
    case EscalationState::kOpen:
      return "OPEN";
    case EscalationState::kAcknowledged:
      return "ACKNOWLEDGED";
    case EscalationState::kWithdrawn:
      return "WITHDRAWN";
    case EscalationState::kEnded:
      return "ENDED";
  }
  return "";
}

// The recipient, or for the recipient somebody above, or an operator.
absl::Status CheckMayAcknowledge(const rpc::Call& call, const identity::Org& org,
                                 const Escalation& e, const std::string& behalf, Time now) {
  if (call.caller == e.recipient && (behalf.empty() || behalf == e.recipient)) {
    return absl::OkStatus();
  }
  if (!behalf.empty() && behalf != e.recipient) {
    return FieldInvalid("on_behalf_of",
                        e.name + " is for " + (e.recipient.empty() ? "nobody yet" : e.recipient));
  }
  const bool may = call.HasGrant("operator") || call.HasGrant("admin") ||
                   org.IsAbove(call.caller, e.recipient, now);
  if (may && (!behalf.empty() || e.recipient.empty())) {
    return absl::OkStatus();
  }
  return Refuse(
      absl::StatusCode::kFailedPrecondition,
      may ? "this escalation is for " + e.recipient +
                ": set on_behalf_of to acknowledge it for them"
          : "only the recipient, somebody above, or an operator may acknowledge " + e.name,
      {.reason = "NOT_RECIPIENT",
       .metadata = {{"recipient", e.recipient}},
       .fields = {},
       .retry_after_ms = {}});
}

// What acknowledging many has in common.
struct Acknowledgement {
  std::vector<std::string> names;
  std::string note, on_behalf_of, etag;
};

}  // namespace

absl::Status ClocksApi::GetEscalation(rpc::Call& call, const v1::GetEscalationRequest& request,
                                      v1::Escalation* response) {
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      connection->Run(kSelectEscalations, EscalationParams({request.name()}, call.reach)));
  if (rows.rows() == 0) {
    return NotFound(request.name());
  }
  *response = ToProto(ReadEscalationRow(rows, 0));
  return absl::OkStatus();
}

absl::Status ClocksApi::ListEscalations(rpc::Call& call, const v1::ListEscalationsRequest& request,
                                        v1::ListEscalationsResponse* response) {
  ASSIGN_OR_RETURN(const int size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const auto filter, rpc::ParseFilter(request.filter(), {{"state", "= !="},
                                                                          {"recipient", "="},
                                                                          {"policy", "="},
                                                                          {"subject", "="},
                                                                          {"clock", "="},
                                                                          {"level", "="}}));
  const std::string query = call.method + "\n" + call.caller + "\n" + request.filter();
  ASSIGN_OR_RETURN(const auto cursor, deps_.tokens->Read(query, request.page_token()));
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const EscalationPage page,
                   ListEscalationRows(*connection, call.reach, filter, cursor, size));
  for (const EscalationRow& row : page.rows) {
    *response->add_escalations() = ToProto(row);
  }
  if (page.more) {
    const Escalation& last = page.rows.back().escalation;
    response->set_next_page_token(
        deps_.tokens->Make(query, {std::to_string(last.detected_at.micros), last.name}));
  }
  return absl::OkStatus();
}

namespace {

// Loads, checks and acknowledges; fills `rows` in the order of the names. All or none.
absl::Status Acknowledge(const ClocksApi::Deps& deps, const rpc::Call& call,
                         const Acknowledgement& ask, pg::Tx& tx, service::Command& command,
                         std::vector<EscalationRow>* rows, const std::function<void()>& respond) {
  // The subject is not known before the escalation is read; it never changes, so reading it without a lock is safe.
  const pg::Pending first = tx.Queue(kSelectEscalations, EscalationParams(ask.names, call.reach));
  command.Find();
  RETURN_IF_ERROR(tx.Flush());
  if (command.Answered()) {
    return absl::OkStatus();
  }
  std::vector<pg::LockKey> locks = {SharedRuleset()};
  std::vector<std::string> clock_names;
  for (int i = 0; i < first->rows(); ++i) {
    const Escalation e = ReadEscalation(*first, i);
    locks.push_back(pg::LockKey::Exclusive(e.subject));
    clock_names.push_back(e.clock);
  }
  tx.Lock(locks);
  const pg::Pending found = tx.Queue(kSelectEscalations, EscalationParams(ask.names, call.reach));
  const pg::Pending clocks = QueueClocksByName(tx, clock_names);
  ASSIGN_OR_RETURN(const auto rules, deps.rules->Current(tx));
  const auto org = deps.org->Get();
  Batch batch(true);  // ladders and timers alone change
  std::map<std::string, Clock> by_name;
  for (int i = 0; i < clocks->rows(); ++i) {
    ASSIGN_OR_RETURN(Clock clock, ReadClock(*clocks, i));
    by_name.emplace(clock.name, std::move(clock));
  }
  rows->clear();
  for (const std::string& name : ask.names) {
    int at = -1;
    for (int i = 0; i < found->rows(); ++i) {
      at = found->Text(i, 0) == name ? i : at;
    }
    if (at < 0) {
      return NotFound(name);
    }
    EscalationRow row = ReadEscalationRow(*found, at);
    Escalation& e = row.escalation;
    if (!ask.etag.empty() && ask.etag != EtagOf(e.version)) {
      return EtagMismatch(name, EtagOf(e.version));
    }
    if (e.state != EscalationState::kOpen) {
      return IllegalTransition(StateName(e.state), "acknowledge", "");
    }
    RETURN_IF_ERROR(CheckMayAcknowledge(call, *org, e, ask.on_behalf_of, command.now()));
    e.state = EscalationState::kAcknowledged;
    e.version += 1;
    row.acknowledged_by = call.caller;
    row.on_behalf_of = ask.on_behalf_of;
    row.note = ask.note;
    row.acknowledge_time = command.now();
    const auto clock = by_name.find(e.clock);
    if (clock == by_name.end()) {
      return NotFound(name);
    }
    if (e.cycle == clock->second.cycle) {
      steward::sla::Acknowledge(clock->second.ladder, e.level);
    }
    rows->push_back(std::move(row));
  }
  respond();
  command.Claim(ask.names.front());
  QueueAcknowledge(tx, *rows);
  std::vector<std::string> touched;
  for (auto& [name, clock] : by_name) {
    const Policy* policy = rules->Find(clock.policy, clock.policy_version);
    batch.PutClock(clock, false, Next(clock.ladder, *policy, *rules), command.now());
    touched.push_back(name);
  }
  QueueDropTimers(tx, touched);
  RETURN_IF_ERROR(batch.Queue(tx));
  std::vector<eventing::NewEvent> events;
  for (const EscalationRow& row : *rows) {
    events::v1::SlaEvent event;
    event.mutable_escalation_acknowledged()->set_acknowledged_by(row.acknowledged_by);
    event.mutable_escalation_acknowledged()->set_on_behalf_of(row.on_behalf_of);
    event.mutable_escalation_acknowledged()->set_has_note(!row.note.empty());
    events.push_back(eventing::MakeEvent(*deps.env.ids, command.now(), row.escalation.name,
                                         row.escalation.version, command.now(), event));
  }
  return command.Append(events);
}

}  // namespace

absl::Status ClocksApi::AcknowledgeEscalation(rpc::Call& call,
                                              const v1::AcknowledgeEscalationRequest& request,
                                              v1::Escalation* response) {
  const Acknowledgement ask{
      {request.name()}, request.note(), request.on_behalf_of(), request.etag()};
  return service::RunCommand(deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) {
    std::vector<EscalationRow> rows;
    return Acknowledge(deps_, call, ask, tx, command, &rows,
                       [&] { *response = ToProto(rows.front()); });
  });
}

absl::Status ClocksApi::BatchAcknowledgeEscalations(
    rpc::Call& call, const v1::BatchAcknowledgeEscalationsRequest& request,
    v1::BatchAcknowledgeEscalationsResponse* response) {
  if (request.names_size() > 100) {
    return FieldInvalid("names", "at most 100 a call");
  }
  const std::set<std::string> unique(request.names().begin(), request.names().end());
  if (static_cast<int>(unique.size()) != request.names_size()) {
    return FieldInvalid("names", "names an escalation twice");
  }
  const Acknowledgement ask{
      {request.names().begin(), request.names().end()}, request.note(), request.on_behalf_of(), ""};
  return service::RunCommand(deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) {
    std::vector<EscalationRow> rows;
    return Acknowledge(deps_, call, ask, tx, command, &rows, [&] {
      response->clear_escalations();
      for (const EscalationRow& row : rows) {
        *response->add_escalations() = ToProto(row);
      }
    });
  });
}

absl::Status ClocksApi::ReassignEscalation(rpc::Call& call,
                                           const v1::ReassignEscalationRequest& request,
                                           v1::Escalation* response) {
  const auto org = deps_.org->Get();
  if (!org->Active(request.recipient())) {
    return FieldInvalid("recipient", request.recipient() + " is not an active member");
  }
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        command.Find();
        const pg::Pending first =
            tx.Queue(kSelectEscalations, EscalationParams({request.name()}, call.reach));
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (first->rows() == 0) {
          return NotFound(request.name());
        }
        tx.Lock({pg::LockKey::Exclusive(ReadEscalation(*first, 0).subject)});
        const pg::Pending found =
            tx.Queue(kSelectEscalations, EscalationParams({request.name()}, call.reach));
        RETURN_IF_ERROR(tx.Flush());
        if (found->rows() == 0) {
          return NotFound(request.name());  // given to somebody out of reach meanwhile
        }
        EscalationRow row = ReadEscalationRow(*found, 0);
        Escalation& e = row.escalation;
        if (e.state != EscalationState::kOpen) {
          return IllegalTransition(StateName(e.state), "reassign", "");
        }
        const std::string from = e.recipient;
        e.recipient = request.recipient();
        e.basis = "by_hand";
        e.version += 1;
        *response = ToProto(row);
        command.Claim(e.name);
        QueueReassign(tx, e);
        return command.Append({eventing::MakeEvent(*deps_.env.ids, command.now(), e.name, e.version,
                                                   command.now(), ReassignedEvent(from, e))});
      });
}

absl::Status ClocksApi::ReleaseClockGuard(rpc::Call& call,
                                          const v1::ReleaseClockGuardRequest& request,
                                          v1::WatcherStatus* response) {
  v1::WatcherStatus unused;
  RETURN_IF_ERROR(service::RunCommand(
      deps_.env, call, &unused, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(kGuardAggregate)});
        command.Find();
        const pg::Pending version = tx.Queue(kGuard);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        command.Claim(kGuardAggregate);
        tx.Queue(kReleaseGuard);
        events::v1::SlaEvent event;
        event.mutable_guard_released()->set_reason(request.reason());
        return command.Append({eventing::MakeEvent(*deps_.env.ids, command.now(), kGuardAggregate,
                                                   version->Int(0, 0) + 1, command.now(), event)});
      }));
  return FillStatus(call, response);
}

}  // namespace steward::sla
