// Reads of leads: what the caller reaches, on the worker's connection.

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/status.h"
#include "services/leads/api/lead_pool_api.h"

namespace steward::leads {
namespace {

constexpr int kMaxBatch = 100;

absl::StatusOr<std::optional<LeadCursor>> ReadCursor(LeadOrder order,
                                                     const std::vector<std::string>& cursor) {
  if (cursor.empty()) {
    return std::optional<LeadCursor>();
  }
  if (cursor.size() != 2) {
    return rpc::BadPageToken();
  }
  const absl::StatusOr<Uuid> id = Uuid::Parse(cursor[1]);
  if (!id.ok()) {
    return rpc::BadPageToken();
  }
  if (order.by_score) {
    if (!IsScore(cursor[0]) && cursor[0] != kNoScore) {
      return rpc::BadPageToken();
    }
    return std::optional<LeadCursor>({kEpoch, cursor[0], *id});
  }
  ASSIGN_OR_RETURN(const int64_t micros, rpc::CursorNumber(cursor[0]));
  return std::optional<LeadCursor>({Time{micros}, "", *id});
}

std::vector<std::string> CursorOf(LeadOrder order, const StoredLead& lead) {
  const std::string id = lead.data.id.ToString();
  if (order.by_score) {
    return {lead.score ? lead.score->score : kNoScore, id};
  }
  return {std::to_string(lead.data.recorded_at.micros), id};
}

}  // namespace

absl::StatusOr<StoredLead> LeadPoolApi::Visible(const rpc::Call& call, pg::Connection& db,
                                                std::string_view field,
                                                std::string_view name) const {
  ASSIGN_OR_RETURN(const Uuid id, ParseLeadName(field, name));
  ASSIGN_OR_RETURN(std::optional<StoredLead> found,
                   leads::GetLead(db, id, call.reach, call.TimeLeft()));
  if (!found) {
    return NotFound(name);
  }
  return *std::move(found);
}

absl::Status LeadPoolApi::GetLead(const rpc::Call& call, const pb::GetLeadRequest& request,
                                  pb::Lead* response) {
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredLead lead, Visible(call, *db, "name", request.name()));
  ToProto(lead, deps_.recycle_days, response);
  return absl::OkStatus();
}

absl::Status LeadPoolApi::BatchGetLeads(const rpc::Call& call,
                                        const pb::BatchGetLeadsRequest& request,
                                        pb::BatchGetLeadsResponse* response) {
  if (request.names_size() == 0 || request.names_size() > kMaxBatch) {
    return FieldInvalid("names", "are 1 to " + std::to_string(kMaxBatch));
  }
  std::vector<Uuid> ids;
  for (int i = 0; i < request.names_size(); ++i) {
    ASSIGN_OR_RETURN(const Uuid id,
                     ParseLeadName("names[" + std::to_string(i) + "]", request.names(i)));
    ids.push_back(id);
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::vector<StoredLead> leads,
                   GetLeads(*db, ids, call.reach, call.TimeLeft()));
  std::map<Uuid, const StoredLead*> by_id;
  for (const StoredLead& lead : leads) {
    by_id.emplace(lead.data.id, &lead);
  }
  for (const Uuid& id : ids) {
    const auto found = by_id.find(id);
    if (found == by_id.end()) {
      response->Clear();
      return NotFound(LeadName(id));
    }
    ToProto(*found->second, deps_.recycle_days, response->add_leads());
  }
  return absl::OkStatus();
}

absl::Status LeadPoolApi::ListLeads(const rpc::Call& call, const pb::ListLeadsRequest& request,
                                    pb::ListLeadsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const LeadListQuery query,
                   ParseLeadListQuery(request.filter(), request.order_by()));
  const std::string bound = "ListLeads\n" + request.filter() + "\n" + request.order_by();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const std::optional<LeadCursor> after, ReadCursor(query.order, cursor));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredLead> leads,
                   leads::ListLeads(*db, query.filter, query.order, after, call.reach,
                                    page_size + 1, call.TimeLeft()));
  if (leads.size() > static_cast<size_t>(page_size)) {
    leads.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(deps_.tokens->Make(bound, CursorOf(query.order, leads.back())));
  }
  for (const StoredLead& lead : leads) {
    ToProto(lead, deps_.recycle_days, response->add_leads());
  }
  return absl::OkStatus();
}

absl::Status LeadPoolApi::ListLeadHistory(const rpc::Call& call,
                                          const pb::ListLeadHistoryRequest& request,
                                          pb::ListLeadHistoryResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  const std::string bound = "ListLeadHistory\n" + request.parent();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  int64_t after = 0;
  if (!cursor.empty()) {
    ASSIGN_OR_RETURN(after, rpc::CursorNumber(cursor[0]));
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredLead lead, Visible(call, *db, "parent", request.parent()));
  ASSIGN_OR_RETURN(std::vector<eventing::JournalRow> rows,
                   eventing::ReadAggregate(*db, LeadName(lead.data.id), after, page_size + 1));
  if (rows.size() > static_cast<size_t>(page_size)) {
    rows.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(
        deps_.tokens->Make(bound, {std::to_string(rows.back().aggregate_version)}));
  }
  if (rows.empty()) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const LeadNotes notes,
                   GetLeadNotes(*db, lead.data.id, rows.front().aggregate_version,
                                rows.back().aggregate_version, call.TimeLeft()));
  for (const eventing::JournalRow& row : rows) {
    ASSIGN_OR_RETURN(*response->add_changes(), ChangeOf(row, notes));
  }
  return absl::OkStatus();
}

}  // namespace steward::leads
