// Reads of campaigns: what the caller reaches, on the worker's connection.

#include <utility>

#include "libs/base/status.h"
#include "libs/service/pages.h"
#include "services/leads/api/campaign_history.h"
#include "services/leads/api/campaigns_api.h"

namespace steward::leads {
namespace {

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
  ASSIGN_OR_RETURN(const CampaignQuery query,
                   ParseCampaignQuery(deps_.kinds, request.filter(), request.order_by()));
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens,
                        "ListCampaigns\n" + request.filter() + "\n" + request.order_by(), request));
  ASSIGN_OR_RETURN(const std::optional<CampaignCursor> after, service::ReadTimePlace(page));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredCampaign> campaigns,
                   leads::ListCampaigns(*db, query.filter, query.order, after, call.reach,
                                        page.limit(), call.TimeLeft()));
  if (page.Cut(campaigns)) {
    const CampaignData& last = campaigns.back().data;
    const Time time = query.order.by_planned_start ? last.planned_start : last.recorded_at;
    page.Continue(service::PlaceOf(time, last.id), response);
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
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens, "ListCampaignHistory\n" + request.parent(), request));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredCampaign campaign, Visible(call, *db, "parent", request.parent()));
  const Uuid& id = campaign.data.id;
  ASSIGN_OR_RETURN(const service::History history,
                   service::ReadHistory(*db, page, CampaignName(id)));
  ASSIGN_OR_RETURN(const auto reasons,
                   GetCampaignReasons(*db, id, history.after, history.last, call.TimeLeft()));
  return service::ShowHistory(
      page, history,
      [&](const eventing::JournalRow& row) {
        const auto reason = reasons.find(row.aggregate_version);
        return CampaignChangesOf(row,
                                 reason == reasons.end() ? "" : std::string_view(reason->second));
      },
      response);
}

}  // namespace steward::leads
