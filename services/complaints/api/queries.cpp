// Reads: what the caller reaches, on the worker's connection.

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/status.h"
#include "services/complaints/api/complaints_api.h"
#include "services/complaints/api/history.h"

namespace steward::complaints {
namespace {

constexpr int kMaxBatch = 100;

absl::StatusOr<std::optional<TicketCursor>> ReadTicketCursor(
    const std::vector<std::string>& cursor) {
  if (cursor.empty()) {
    return std::optional<TicketCursor>();
  }
  if (cursor.size() != 2) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(const int64_t micros, rpc::CursorNumber(cursor[0]));
  const absl::StatusOr<Uuid> id = Uuid::Parse(cursor[1]);
  if (!id.ok()) {
    return rpc::BadPageToken();
  }
  return std::optional<TicketCursor>({Time{micros}, *id});
}

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
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const ListQuery query, ParseListQuery(request.filter(), request.order_by()));
  const std::string bound = "ListTickets\n" + request.filter() + "\n" + request.order_by();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const std::optional<TicketCursor> after, ReadTicketCursor(cursor));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredTicket> tickets,
                   complaints::ListTickets(*db, query.filter, query.order, after, call.reach,
                                           page_size + 1, call.TimeLeft()));
  if (tickets.size() > static_cast<size_t>(page_size)) {
    tickets.resize(static_cast<size_t>(page_size));
    const TicketData& last = tickets.back().data;
    const Time time = query.order.by_occurred_at ? last.occurred_at : last.recorded_at;
    response->set_next_page_token(
        deps_.tokens->Make(bound, {std::to_string(time.micros), last.id.ToString()}));
  }
  for (const StoredTicket& ticket : tickets) {
    ToProto(ticket, response->add_tickets());
  }
  return absl::OkStatus();
}

absl::Status ComplaintsApi::ListTicketNotes(const rpc::Call& call,
                                            const pb::ListTicketNotesRequest& request,
                                            pb::ListTicketNotesResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  const std::string bound = "ListTicketNotes\n" + request.parent();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  std::optional<Uuid> before;
  if (!cursor.empty()) {
    const absl::StatusOr<Uuid> id = Uuid::Parse(cursor.front());
    if (!id.ok()) {
      return rpc::BadPageToken();
    }
    before = *id;
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredTicket ticket, Visible(call, *db, "parent", request.parent()));
  ASSIGN_OR_RETURN(std::vector<Note> notes,
                   ListNotes(*db, ticket.data.id, before, page_size + 1, call.TimeLeft()));
  if (notes.size() > static_cast<size_t>(page_size)) {
    notes.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(deps_.tokens->Make(bound, {notes.back().id.ToString()}));
  }
  for (const Note& note : notes) {
    ToProto(note, response->add_notes());
  }
  return absl::OkStatus();
}

absl::Status ComplaintsApi::ListTicketHistory(const rpc::Call& call,
                                              const pb::ListTicketHistoryRequest& request,
                                              pb::ListTicketHistoryResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  const std::string bound = "ListTicketHistory\n" + request.parent();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const rpc::HistoryCursor shown, rpc::ReadHistoryCursor(cursor));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredTicket ticket, Visible(call, *db, "parent", request.parent()));
  const int64_t after = std::max<int64_t>(shown.version - 1, 0);
  ASSIGN_OR_RETURN(const std::vector<eventing::JournalRow> rows,
                   eventing::ReadAggregate(*db, TicketName(ticket.data.id), after, page_size + 2));
  const int64_t last = rows.empty() ? after : rows.back().aggregate_version;
  ASSIGN_OR_RETURN(const auto reasons,
                   GetReasons(*db, ticket.data.id, after, last, call.TimeLeft()));
  rpc::HistoryCursor reached = shown;
  for (const eventing::JournalRow& row : rows) {
    const auto reason = reasons.find(row.aggregate_version);
    ASSIGN_OR_RETURN(
        const std::vector<pb::TicketChange> changes,
        ChangesOf(row, reason == reasons.end() ? "" : std::string_view(reason->second)));
    const int64_t skip = row.aggregate_version == shown.version ? shown.part : 0;
    for (int64_t part = skip; part < static_cast<int64_t>(changes.size()); ++part) {
      if (response->changes_size() == page_size) {
        response->set_next_page_token(deps_.tokens->Make(
            bound, {std::to_string(reached.version), std::to_string(reached.part)}));
        return absl::OkStatus();
      }
      *response->add_changes() = changes[static_cast<size_t>(part)];
      reached = {row.aggregate_version, part + 1};
    }
  }
  return absl::OkStatus();
}

absl::Status ComplaintsApi::ListTicketKinds(const rpc::Call&, const pb::ListTicketKindsRequest&,
                                            pb::ListTicketKindsResponse* response) {
  for (const Kind& kind : deps_.kinds->kinds()) {
    ToProto(kind, response->add_kinds());
  }
  return absl::OkStatus();
}

}  // namespace steward::complaints
