// Reads: what the caller reaches, on the worker's connection.

#include <map>
#include <utility>

#include "libs/base/status.h"
#include "libs/service/pages.h"
#include "services/complaints/api/complaints_api.h"
#include "services/complaints/api/history.h"

namespace steward::complaints {
namespace {

constexpr int kMaxBatch = 100;

}  // namespace

absl::StatusOr<StoredTicket> ComplaintsApi::Visible(const rpc::Call& call, pg::Connection& db,
                                                    std::string_view field, std::string_view name) {
  ASSIGN_OR_RETURN(const Uuid id, ParseTicketName(field, name));
  ASSIGN_OR_RETURN(std::optional<StoredTicket> found,
                   complaints::GetTicket(db, id, call.reach, call.TimeLeft()));
  if (!found) {
    return NotFound(name);
  }
  return *std::move(found);
}

absl::Status ComplaintsApi::GetTicket(const rpc::Call& call, const pb::GetTicketRequest& request,
                                      pb::TicketDetail* response) {
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredTicket ticket, Visible(call, *db, "name", request.name()));
  ToProto(ticket, response->mutable_ticket());
  if (request.view() == pb::TICKET_VIEW_FULL) {
    deps_.clocks.Fill(call, response);
  }
  return absl::OkStatus();
}

absl::Status ComplaintsApi::BatchGetTickets(const rpc::Call& call,
                                            const pb::BatchGetTicketsRequest& request,
                                            pb::BatchGetTicketsResponse* response) {
  if (request.names_size() == 0 || request.names_size() > kMaxBatch) {
    return FieldInvalid("names", "are 1 to " + std::to_string(kMaxBatch));
  }
  std::vector<Uuid> ids;
  for (int i = 0; i < request.names_size(); ++i) {
    ASSIGN_OR_RETURN(const Uuid id,
                     ParseTicketName("names[" + std::to_string(i) + "]", request.names(i)));
    ids.push_back(id);
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::vector<StoredTicket> tickets,
                   GetTickets(*db, ids, call.reach, call.TimeLeft()));
  std::map<Uuid, const StoredTicket*> by_id;
  for (const StoredTicket& ticket : tickets) {
    by_id.emplace(ticket.data.id, &ticket);
  }
  for (int i = 0; i < request.names_size(); ++i) {
    const auto found = by_id.find(ids[static_cast<size_t>(i)]);
    if (found == by_id.end()) {
      response->Clear();
      return NotFound(request.names(i));
    }
    ToProto(*found->second, response->add_tickets());
  }
  return absl::OkStatus();
}

absl::Status ComplaintsApi::ListTickets(const rpc::Call& call,
                                        const pb::ListTicketsRequest& request,
                                        pb::ListTicketsResponse* response) {
  ASSIGN_OR_RETURN(const ListQuery query, ParseListQuery(request.filter(), request.order_by()));
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens,
                        "ListTickets\n" + request.filter() + "\n" + request.order_by(), request));
  ASSIGN_OR_RETURN(const std::optional<TicketCursor> after, service::ReadTimePlace(page));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredTicket> tickets,
                   complaints::ListTickets(*db, query.filter, query.order, after, call.reach,
                                           page.limit(), call.TimeLeft()));
  if (page.Cut(tickets)) {
    const TicketData& last = tickets.back().data;
    const Time time = query.order.by_occurred_at ? last.occurred_at : last.recorded_at;
    page.Continue(service::PlaceOf(time, last.id), response);
  }
  for (const StoredTicket& ticket : tickets) {
    ToProto(ticket, response->add_tickets());
  }
  return absl::OkStatus();
}

absl::Status ComplaintsApi::ListTicketNotes(const rpc::Call& call,
                                            const pb::ListTicketNotesRequest& request,
                                            pb::ListTicketNotesResponse* response) {
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens, "ListTicketNotes\n" + request.parent(), request, 1));
  std::optional<Uuid> before;
  if (!page.place().empty()) {
    ASSIGN_OR_RETURN(before, service::ReadPlaceId(page.place()[0]));
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredTicket ticket, Visible(call, *db, "parent", request.parent()));
  ASSIGN_OR_RETURN(std::vector<Note> notes,
                   ListNotes(*db, ticket.data.id, before, page.limit(), call.TimeLeft()));
  if (page.Cut(notes)) {
    page.Continue({notes.back().id.ToString()}, response);
  }
  for (const Note& note : notes) {
    ToProto(note, response->add_notes());
  }
  return absl::OkStatus();
}

absl::Status ComplaintsApi::ListTicketHistory(const rpc::Call& call,
                                              const pb::ListTicketHistoryRequest& request,
                                              pb::ListTicketHistoryResponse* response) {
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens, "ListTicketHistory\n" + request.parent(), request));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredTicket ticket, Visible(call, *db, "parent", request.parent()));
  ASSIGN_OR_RETURN(const service::History history,
                   service::ReadHistory(*db, page, TicketName(ticket.data.id)));
  ASSIGN_OR_RETURN(const auto reasons,
                   GetReasons(*db, ticket.data.id, history.after, history.last, call.TimeLeft()));
  return service::ShowHistory(
      page, history,
      [&](const eventing::JournalRow& row) {
        const auto reason = reasons.find(row.aggregate_version);
        return ChangesOf(row, reason == reasons.end() ? "" : std::string_view(reason->second));
      },
      response);
}

absl::Status ComplaintsApi::ListTicketKinds(const rpc::Call&, const pb::ListTicketKindsRequest&,
                                            pb::ListTicketKindsResponse* response) {
  for (const Kind& kind : deps_.kinds->kinds()) {
    ToProto(kind, response->add_kinds());
  }
  return absl::OkStatus();
}

}  // namespace steward::complaints
