// The escalation half of ClocksApi; acknowledging is in acknowledge.cpp.

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
          return IllegalTransition(StateName(e), "reassign", "");
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
