// Reads of leads: what the caller reaches, on the worker's connection.

#include <map>
#include <utility>

#include "libs/base/status.h"
#include "libs/service/pages.h"
#include "services/leads/api/lead_pool_api.h"

namespace steward::leads {
namespace {

constexpr int kMaxBatch = 100;

absl::StatusOr<std::optional<LeadCursor>> ReadPlace(LeadOrder order, const service::Page& page) {
  if (page.place().empty()) {
    return std::optional<LeadCursor>();
  }
  const std::string& key = page.place()[0];
  ASSIGN_OR_RETURN(const Uuid id, service::ReadPlaceId(page.place()[1]));
  if (order.by_score) {
    if (!IsScore(key) && key != kNoScore) {
      return rpc::BadPageToken();
    }
    return std::optional<LeadCursor>({kEpoch, key, id});
  }
  ASSIGN_OR_RETURN(const int64_t micros, rpc::CursorNumber(key));
  return std::optional<LeadCursor>({Time{micros}, "", id});
}

std::vector<std::string> PlaceOf(LeadOrder order, const StoredLead& lead) {
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
  ASSIGN_OR_RETURN(const LeadListQuery query,
                   ParseLeadListQuery(request.filter(), request.order_by()));
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens, "ListLeads\n" + request.filter() + "\n" + request.order_by(),
                        request));
  ASSIGN_OR_RETURN(const std::optional<LeadCursor> after, ReadPlace(query.order, page));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredLead> leads,
                   leads::ListLeads(*db, query.filter, query.order, after, call.reach, page.limit(),
                                    call.TimeLeft()));
  if (page.Cut(leads)) {
    page.Continue(PlaceOf(query.order, leads.back()), response);
  }
  for (const StoredLead& lead : leads) {
    ToProto(lead, deps_.recycle_days, response->add_leads());
  }
  return absl::OkStatus();
}

absl::Status LeadPoolApi::ListLeadHistory(const rpc::Call& call,
                                          const pb::ListLeadHistoryRequest& request,
                                          pb::ListLeadHistoryResponse* response) {
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens, "ListLeadHistory\n" + request.parent(), request));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredLead lead, Visible(call, *db, "parent", request.parent()));
  ASSIGN_OR_RETURN(const service::History history,
                   service::ReadHistory(*db, page, LeadName(lead.data.id)));
  ASSIGN_OR_RETURN(const LeadNotes notes,
                   GetLeadNotes(*db, lead.data.id, history.after, history.last, call.TimeLeft()));
  return service::ShowHistory(
      page, history,
      [&](const eventing::JournalRow& row) -> absl::StatusOr<std::vector<pb::LeadChange>> {
        ASSIGN_OR_RETURN(pb::LeadChange change, ChangeOf(row, notes));
        return std::vector<pb::LeadChange>{std::move(change)};
      },
      response);
}

}  // namespace steward::leads
