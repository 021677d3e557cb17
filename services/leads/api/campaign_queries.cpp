// Reads of campaigns: what the caller reaches, on the worker's connection.

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "services/leads/api/campaign_history.h"
#include "services/leads/api/campaigns_api.h"

namespace steward::leads {
namespace {

absl::StatusOr<std::optional<CampaignCursor>> ReadCursor(const std::vector<std::string>& cursor) {
  if (cursor.empty()) {
    return std::optional<CampaignCursor>();
  }
  if (cursor.size() != 2) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(const int64_t micros, rpc::CursorNumber(cursor[0]));
  const absl::StatusOr<Uuid> id = Uuid::Parse(cursor[1]);
  if (!id.ok()) {
    return rpc::BadPageToken();
  }
  return std::optional<CampaignCursor>({Time{micros}, *id});
}

template <class Request, class Response>
void Add(rpc::Server& server, CampaignsApi& api, const char* method,
         absl::Status (CampaignsApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.leads.v1.CampaignsService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

void CampaignsApi::AddTo(rpc::Server& server) {
  Add(server, *this, "CreateCampaign", &CampaignsApi::CreateCampaign);
  Add(server, *this, "GetCampaign", &CampaignsApi::GetCampaign);
  Add(server, *this, "ListCampaigns", &CampaignsApi::ListCampaigns);
  Add(server, *this, "UpdateCampaign", &CampaignsApi::UpdateCampaign);
  Add(server, *this, "ApproveCampaign", &CampaignsApi::ApproveCampaign);
  Add(server, *this, "RecordRehearsal", &CampaignsApi::RecordRehearsal);
  Add(server, *this, "StartCampaign", &CampaignsApi::StartCampaign);
  Add(server, *this, "EndCampaign", &CampaignsApi::EndCampaign);
  Add(server, *this, "SubmitCampaignRecap", &CampaignsApi::SubmitCampaignRecap);
  Add(server, *this, "ArchiveCampaign", &CampaignsApi::ArchiveCampaign);
  Add(server, *this, "CancelCampaign", &CampaignsApi::CancelCampaign);
  Add(server, *this, "RecordCampaignResults", &CampaignsApi::RecordCampaignResults);
  Add(server, *this, "ListCampaignKinds", &CampaignsApi::ListCampaignKinds);
  Add(server, *this, "ListCampaignHistory", &CampaignsApi::ListCampaignHistory);
}

absl::StatusOr<StoredCampaign> CampaignsApi::Visible(const rpc::Call& call, pg::Connection& db,
                                                     std::string_view field,
                                                     std::string_view name) {
  ASSIGN_OR_RETURN(const Uuid id, ParseCampaignName(field, name));
  ASSIGN_OR_RETURN(std::optional<StoredCampaign> found,
                   leads::GetCampaign(db, id, call.reach, call.TimeLeft()));
  if (!found) {
    return NotFound(name);
  }
  return *std::move(found);
}

absl::Status CampaignsApi::GetCampaign(const rpc::Call& call, const pb::GetCampaignRequest& request,
                                       pb::Campaign* response) {
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredCampaign campaign, Visible(call, *db, "name", request.name()));
  ASSIGN_OR_RETURN(const CampaignCounts counts, CountOf(*db, campaign.data.id, call.TimeLeft()));
  ToProto(campaign, response);
  AddCounts(campaign, counts, response);
  return absl::OkStatus();
}

absl::Status CampaignsApi::ListCampaigns(const rpc::Call& call,
                                         const pb::ListCampaignsRequest& request,
                                         pb::ListCampaignsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const CampaignQuery query,
                   ParseCampaignQuery(deps_.kinds, request.filter(), request.order_by()));
  const std::string bound = "ListCampaigns\n" + request.filter() + "\n" + request.order_by();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const std::optional<CampaignCursor> after, ReadCursor(cursor));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredCampaign> campaigns,
                   leads::ListCampaigns(*db, query.filter, query.order, after, call.reach,
                                        page_size + 1, call.TimeLeft()));
  if (campaigns.size() > static_cast<size_t>(page_size)) {
    campaigns.resize(static_cast<size_t>(page_size));
    const CampaignData& last = campaigns.back().data;
    const Time time = query.order.by_planned_start ? last.planned_start : last.recorded_at;
    response->set_next_page_token(
        deps_.tokens->Make(bound, {std::to_string(time.micros), last.id.ToString()}));
  }
  for (const StoredCampaign& campaign : campaigns) {
    ToProto(campaign, response->add_campaigns());
  }
  return absl::OkStatus();
}

absl::Status CampaignsApi::ListCampaignKinds(const rpc::Call&, const pb::ListCampaignKindsRequest&,
                                             pb::ListCampaignKindsResponse* response) {
  for (const CampaignKind& kind : deps_.kinds) {
    ToProto(kind, response->add_kinds());
  }
  return absl::OkStatus();
}

absl::Status CampaignsApi::ListCampaignHistory(const rpc::Call& call,
                                               const pb::ListCampaignHistoryRequest& request,
                                               pb::ListCampaignHistoryResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  const std::string bound = "ListCampaignHistory\n" + request.parent();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const rpc::HistoryCursor shown, rpc::ReadHistoryCursor(cursor));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredCampaign campaign, Visible(call, *db, "parent", request.parent()));
  const Uuid& id = campaign.data.id;
  const int64_t after = std::max<int64_t>(shown.version - 1, 0);
  ASSIGN_OR_RETURN(const std::vector<eventing::JournalRow> rows,
                   eventing::ReadAggregate(*db, CampaignName(id), after, page_size + 2));
  ASSIGN_OR_RETURN(const auto reasons,
                   GetCampaignReasons(*db, id, after, after + page_size + 2, call.TimeLeft()));
  rpc::HistoryCursor reached = shown;
  for (const eventing::JournalRow& row : rows) {
    const auto reason = reasons.find(row.aggregate_version);
    ASSIGN_OR_RETURN(
        const std::vector<pb::CampaignChange> changes,
        CampaignChangesOf(row, reason == reasons.end() ? "" : std::string_view(reason->second)));
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
