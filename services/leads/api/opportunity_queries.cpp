// Reads of opportunities: what the caller reaches, on the worker's connection.

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "services/leads/api/opportunities_api.h"
#include "services/leads/api/opportunity_history.h"

namespace steward::leads {
namespace {

absl::StatusOr<std::optional<OpportunityCursor>> ReadCursor(
    const std::vector<std::string>& cursor) {
  if (cursor.empty()) {
    return std::optional<OpportunityCursor>();
  }
  if (cursor.size() != 2) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(const int64_t micros, rpc::CursorNumber(cursor[0]));
  const absl::StatusOr<Uuid> id = Uuid::Parse(cursor[1]);
  return id.ok() ? absl::StatusOr<std::optional<OpportunityCursor>>(
                       OpportunityCursor{Time{micros}, *id})
                 : rpc::BadPageToken();
}

}  // namespace

absl::StatusOr<StoredOpportunity> OpportunitiesApi::Visible(const rpc::Call& call,
                                                            pg::Connection& db,
                                                            std::string_view field,
                                                            std::string_view name) {
  ASSIGN_OR_RETURN(const Uuid id, ParseOpportunityName(field, name));
  ASSIGN_OR_RETURN(std::optional<StoredOpportunity> found,
                   leads::GetOpportunity(db, id, call.reach, call.TimeLeft()));
  if (!found) {
    return NotFound(name);
  }
  return *std::move(found);
}

absl::Status OpportunitiesApi::Fill(const rpc::Call& call, pg::Connection& db,
                                    const StoredOpportunity& stored, v1::Opportunity* to) {
  ASSIGN_OR_RETURN(const Pipeline* pipeline,
                   deps_.pipelines->Find(db, stored.data.pipeline, stored.data.pipeline_version,
                                         call.TimeLeft()));
  ToProto(*pipeline, stored, to);
  return absl::OkStatus();
}

absl::Status OpportunitiesApi::GetOpportunity(const rpc::Call& call,
                                              const v1::GetOpportunityRequest& request,
                                              v1::Opportunity* response) {
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredOpportunity stored, Visible(call, *db, "name", request.name()));
  return Fill(call, *db, stored, response);
}

absl::Status OpportunitiesApi::ListOpportunities(const rpc::Call& call,
                                                 const v1::ListOpportunitiesRequest& request,
                                                 v1::ListOpportunitiesResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const OpportunityQuery query,
                   ParseOpportunityQuery(request.filter(), request.order_by()));
  const std::string bound = "ListOpportunities\n" + request.filter() + "\n" + request.order_by();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const std::optional<OpportunityCursor> after, ReadCursor(cursor));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredOpportunity> found,
                   leads::ListOpportunities(*db, query.filter, query.order, after, call.reach,
                                            page_size + 1, call.TimeLeft()));
  if (found.size() > static_cast<size_t>(page_size)) {
    found.resize(static_cast<size_t>(page_size));
    const OpportunityData& last = found.back().data;
    const Time time = query.order.by_update_time ? last.update_time : last.recorded_at;
    response->set_next_page_token(
        deps_.tokens->Make(bound, {std::to_string(time.micros), last.id.ToString()}));
  }
  for (const StoredOpportunity& stored : found) {
    RETURN_IF_ERROR(Fill(call, *db, stored, response->add_opportunities()));
  }
  return absl::OkStatus();
}

absl::Status OpportunitiesApi::ListOpportunityHistory(
    const rpc::Call& call, const v1::ListOpportunityHistoryRequest& request,
    v1::ListOpportunityHistoryResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  const std::string bound = "ListOpportunityHistory\n" + request.parent();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const rpc::HistoryCursor shown, rpc::ReadHistoryCursor(cursor));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredOpportunity stored, Visible(call, *db, "parent", request.parent()));
  ASSIGN_OR_RETURN(const std::vector<eventing::JournalRow> rows,
                   eventing::ReadAggregate(*db, OpportunityName(stored.data.id),
                                           std::max<int64_t>(shown.version - 1, 0), page_size + 2));
  std::vector<Uuid> event_ids;
  for (const eventing::JournalRow& row : rows) {
    event_ids.push_back(row.event_id);
  }
  ASSIGN_OR_RETURN(const std::vector<OpportunityNote> notes,
                   GetNotes(*db, stored.data.id, event_ids, call.TimeLeft()));
  rpc::HistoryCursor reached = shown;
  for (const eventing::JournalRow& row : rows) {
    ASSIGN_OR_RETURN(const std::vector<v1::OpportunityChange> changes, ChangesOf(row, notes));
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

}  // namespace steward::leads
