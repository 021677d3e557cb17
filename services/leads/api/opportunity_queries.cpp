// Reads of opportunities: what the caller reaches, on the worker's connection.

#include <utility>

#include "libs/base/status.h"
#include "libs/service/pages.h"
#include "services/leads/api/opportunities_api.h"
#include "services/leads/api/opportunity_history.h"

namespace steward::leads {

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
  ASSIGN_OR_RETURN(const OpportunityQuery query,
                   ParseOpportunityQuery(request.filter(), request.order_by()));
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens,
                        "ListOpportunities\n" + request.filter() + "\n" + request.order_by(),
                        request));
  ASSIGN_OR_RETURN(const std::optional<OpportunityCursor> after, service::ReadTimePlace(page));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredOpportunity> found,
                   leads::ListOpportunities(*db, query.filter, query.order, after, call.reach,
                                            page.limit(), call.TimeLeft()));
  if (page.Cut(found)) {
    const OpportunityData& last = found.back().data;
    const Time time = query.order.by_update_time ? last.update_time : last.recorded_at;
    page.Continue(service::PlaceOf(time, last.id), response);
  }
  for (const StoredOpportunity& stored : found) {
    RETURN_IF_ERROR(Fill(call, *db, stored, response->add_opportunities()));
  }
  return absl::OkStatus();
}

absl::Status OpportunitiesApi::ListOpportunityHistory(
    const rpc::Call& call, const v1::ListOpportunityHistoryRequest& request,
    v1::ListOpportunityHistoryResponse* response) {
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens, "ListOpportunityHistory\n" + request.parent(), request));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredOpportunity stored, Visible(call, *db, "parent", request.parent()));
  ASSIGN_OR_RETURN(const service::History history,
                   service::ReadHistory(*db, page, OpportunityName(stored.data.id)));
  std::vector<Uuid> event_ids;
  for (const eventing::JournalRow& row : history.rows) {
    event_ids.push_back(row.event_id);
  }
  ASSIGN_OR_RETURN(const std::vector<OpportunityNote> notes,
                   GetNotes(*db, stored.data.id, event_ids, call.TimeLeft()));
  return service::ShowHistory(
      page, history, [&](const eventing::JournalRow& row) { return ChangesOf(row, notes); },
      response);
}

}  // namespace steward::leads
