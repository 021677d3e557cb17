// Commands on one ticket: each RPC names one method of Ticket; Change is the frame around all of
// them.

#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/complaints/api/complaints_api.h"
#include "services/complaints/api/repeat_links.h"
#include "services/complaints/events/complaints_events.h"
#include "services/complaints/storage/repeat_store.h"

namespace steward::complaints {
namespace {

constexpr size_t kNoteLength = 4000;

absl::Status CheckRequiredName(std::string_view field, std::string_view collection,
                               std::string_view name) {
  return name.empty() ? FieldInvalid(field, "is required") : CheckName(field, collection, name);
}

// The frame clears the response before each attempt: the ticket in it is asked for anew.
pb::Ticket* TicketIn(pb::Ticket* response) { return response; }
pb::Ticket* TicketIn(pb::HoldTicketResponse* response) { return response->mutable_ticket(); }

}  // namespace

template <class Request>
ComplaintsApi::Target ComplaintsApi::TargetOf(const Request& request) {
  return {request.name(), request.etag(), request.reason(),
          OptionalTime(request.has_occurred_at(), request.occurred_at()), ""};
}

template <class Response>
absl::Status ComplaintsApi::Change(const rpc::Call& call, const Target& target, Response* response,
                                   const Apply& apply) {
  ASSIGN_OR_RETURN(const Uuid id, ParseTicketName("name", target.name));
  RETURN_IF_ERROR(CheckReason(target.reason));
  const std::string name = TicketName(id);
  const bool supervisor = call.HasGrant("supervisor");
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        std::vector<pg::LockKey> locks{pg::LockKey::Exclusive(name)};
        if (!target.customer.empty()) {
          locks.push_back(pg::LockKey::Exclusive(RepeatAggregate(target.customer)));
        }
        tx.Lock(std::move(locks));
        command.Find();
        const pg::Pending row = QueueLoad(tx, id, call.reach);
        const pg::Pending chain = QueueChainVersion(tx, target.customer);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(target.name);
        }
        StoredTicket stored = ReadTicket(*row, 0);
        if (!target.etag.empty() && target.etag != EtagOf(stored.data.version)) {
          return EtagMismatch(target.name, EtagOf(stored.data.version));
        }
        ASSIGN_OR_RETURN(const Occasion occasion,
                         CheckStopOccasion(deps_.time_rules, {call.caller, false, supervisor}, {},
                                           command.now(), target.occurred_at, target.reason));
        Ticket ticket(*deps_.kinds, std::move(stored.data));
        RETURN_IF_ERROR(apply(ticket, occasion));
        stored.data = ticket.data();
        ToProto(stored, TicketIn(response));
        command.Claim(name);
        QueueUpdate(tx, stored.data);
        if (!target.reason.empty()) {
          QueueReason(tx, id, stored.data.version, target.reason);
        }
        std::vector<eventing::NewEvent> rows =
            ToJournal(*deps_.env.ids, command.now(), id, ticket.events());
        if (!target.customer.empty()) {
          QueueRepeats(tx, *deps_.env.ids, command.now(), target.customer, ReadChainVersion(*chain),
                       {ReopeningOf(stored.data, stored.repeat)}, rows);
        }
        return command.Append(rows);
      });
}

absl::Status ComplaintsApi::Reach(const rpc::Call& call, const Target& target,
                                  std::string_view milestone, pb::Ticket* response) {
  return Change(call, target, response, [&](Ticket& ticket, const Occasion& occasion) {
    return ticket.Reach(milestone, occasion);
  });
}

absl::Status ComplaintsApi::RecordFirstResponse(const rpc::Call& call,
                                                const pb::RecordFirstResponseRequest& request,
                                                pb::Ticket* response) {
  return Reach(call, TargetOf(request), kFirstResponded, response);
}

absl::Status ComplaintsApi::ProposeSolution(const rpc::Call& call,
                                            const pb::ProposeSolutionRequest& request,
                                            pb::Ticket* response) {
  return Reach(call, TargetOf(request), kSolutionProposed, response);
}

absl::Status ComplaintsApi::ResolveTicket(const rpc::Call& call,
                                          const pb::ResolveTicketRequest& request,
                                          pb::Ticket* response) {
  return Reach(call, TargetOf(request), kResolved, response);
}

absl::Status ComplaintsApi::VerifyTicket(const rpc::Call& call,
                                         const pb::VerifyTicketRequest& request,
                                         pb::Ticket* response) {
  return Reach(call, TargetOf(request), kVerified, response);
}

absl::Status ComplaintsApi::CloseTicket(const rpc::Call& call,
                                        const pb::CloseTicketRequest& request,
                                        pb::Ticket* response) {
  return Reach(call, TargetOf(request), kClosed, response);
}

absl::Status ComplaintsApi::RecordMilestone(const rpc::Call& call,
                                            const pb::RecordMilestoneRequest& request,
                                            pb::Ticket* response) {
  if (!IsExtraMilestone(request.type())) {
    std::string known;
    for (const std::string_view milestone : kExtraMilestones) {
      known += (known.empty() ? "" : ", ") + std::string(milestone);
    }
    return FieldInvalid("type", "is not one of " + known);
  }
  return Reach(call, TargetOf(request), request.type(), response);
}

absl::Status ComplaintsApi::ReopenTicket(const rpc::Call& call,
                                         const pb::ReopenTicketRequest& request,
                                         pb::Ticket* response) {
  // The customer never changes, so that it can be read before the locks that it names.
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredTicket stored, Visible(call, *db, "name", request.name()));
  Target target = TargetOf(request);
  target.customer = stored.data.customer;
  return Change(call, target, response,
                [](Ticket& ticket, const Occasion& occasion) { return ticket.Reopen(occasion); });
}

absl::Status ComplaintsApi::CancelTicket(const rpc::Call& call,
                                         const pb::CancelTicketRequest& request,
                                         pb::Ticket* response) {
  return Change(call, TargetOf(request), response, [&](Ticket& ticket, const Occasion& occasion) {
    return ticket.Cancel(request.cancel_reason(), occasion);
  });
}

absl::Status ComplaintsApi::HoldTicket(const rpc::Call& call, const pb::HoldTicketRequest& request,
                                       pb::HoldTicketResponse* response) {
  RETURN_IF_ERROR(
      Change(call, TargetOf(request), response, [&](Ticket& ticket, const Occasion& occasion) {
        return ticket.BeginHold(request.cause(), occasion);
      }));
  // Asked after the commit and not stored with the answer: a repeat of the request asks again.
  response->set_effect(deps_.clocks.HoldEffect(call, response->ticket().name(), request.cause()));
  return absl::OkStatus();
}

absl::Status ComplaintsApi::ResumeTicket(const rpc::Call& call,
                                         const pb::ResumeTicketRequest& request,
                                         pb::Ticket* response) {
  return Change(call, TargetOf(request), response, [&](Ticket& ticket, const Occasion& occasion) {
    return ticket.EndHold(request.cause(), occasion);
  });
}

absl::Status ComplaintsApi::AssignTicket(const rpc::Call& call,
                                         const pb::AssignTicketRequest& request,
                                         pb::Ticket* response) {
  RETURN_IF_ERROR(CheckRequiredName("owner", "members", request.owner()));
  return Change(call, TargetOf(request), response, [&](Ticket& ticket, const Occasion& occasion) {
    return ticket.Assign(request.owner(), occasion);
  });
}

absl::Status ComplaintsApi::TransferTicket(const rpc::Call& call,
                                           const pb::TransferTicketRequest& request,
                                           pb::Ticket* response) {
  RETURN_IF_ERROR(CheckRequiredName("team", "teams", request.team()));
  RETURN_IF_ERROR(CheckOptionalName("owner", "members", request.owner()));
  RETURN_IF_ERROR(CheckText("region", request.region(), 64));
  return Change(call, TargetOf(request), response, [&](Ticket& ticket, const Occasion& occasion) {
    return ticket.Transfer(request.team(), request.owner(), request.region(), occasion);
  });
}

absl::Status ComplaintsApi::ChangeTicketSeverity(const rpc::Call& call,
                                                 const pb::ChangeTicketSeverityRequest& request,
                                                 pb::Ticket* response) {
  return Change(call, TargetOf(request), response, [&](Ticket& ticket, const Occasion& occasion) {
    return ticket.ChangeSeverity(request.severity(), occasion);
  });
}

absl::Status ComplaintsApi::ChangeTicketKind(const rpc::Call& call,
                                             const pb::ChangeTicketKindRequest& request,
                                             pb::Ticket* response) {
  return Change(call, TargetOf(request), response, [&](Ticket& ticket, const Occasion& occasion) {
    return ticket.ChangeKind(request.kind(), request.severity(), occasion);
  });
}

absl::Status ComplaintsApi::CreateTicketNote(const rpc::Call& call,
                                             const pb::CreateTicketNoteRequest& request,
                                             pb::TicketNote* response) {
  ASSIGN_OR_RETURN(const Uuid id, ParseTicketName("parent", request.parent()));
  if (request.note().text().empty()) {
    return FieldInvalid("note.text", "is required");
  }
  RETURN_IF_ERROR(CheckText("note.text", request.note().text(), kNoteLength));
  const std::string name = TicketName(id);
  const Uuid note_id = deps_.env.ids->NewId(deps_.env.clock->Now());
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueueLoad(tx, id, call.reach);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(request.parent());
        }
        const Note note{id, note_id, request.note().text(), call.caller, command.now()};
        response->Clear();
        ToProto(note, response);
        Ticket ticket(*deps_.kinds, ReadTicket(*row, 0).data);
        RETURN_IF_ERROR(ticket.AddNote(response->name(), {call.caller, command.now(), {}, false}));
        command.Claim(name);
        QueueInsertNote(tx, note);
        QueueUpdate(tx, ticket.data());
        return command.Append(ToJournal(*deps_.env.ids, command.now(), id, ticket.events()));
      });
}

}  // namespace steward::complaints
