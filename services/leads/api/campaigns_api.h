#pragma once
// One method per RPC of campaigns: plain blocking functions that a test calls without gRPC.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/occasion.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/leads/api/campaign_mapping.h"
#include "services/leads/campaign_metrics.h"
#include "services/leads/domain/campaign.h"

namespace steward::leads {

struct CampaignDeps {
  service::Env env;
  std::vector<CampaignKind> kinds;  // without faults
  TimeRules time_rules;
  const rpc::PageTokens* tokens = nullptr;
  CampaignMetrics* metrics = nullptr;
};

// Thread-safe: it keeps nothing between calls.
class CampaignsApi {
 public:
  explicit CampaignsApi(CampaignDeps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status CreateCampaign(const rpc::Call&, const pb::CreateCampaignRequest&, pb::Campaign*);
  absl::Status GetCampaign(const rpc::Call&, const pb::GetCampaignRequest&, pb::Campaign*);
  absl::Status ListCampaigns(const rpc::Call&, const pb::ListCampaignsRequest&,
                             pb::ListCampaignsResponse*);
  absl::Status UpdateCampaign(const rpc::Call&, const pb::UpdateCampaignRequest&, pb::Campaign*);
  absl::Status ApproveCampaign(const rpc::Call&, const pb::ApproveCampaignRequest&, pb::Campaign*);
  absl::Status RecordRehearsal(const rpc::Call&, const pb::RecordRehearsalRequest&, pb::Campaign*);
  absl::Status StartCampaign(const rpc::Call&, const pb::StartCampaignRequest&, pb::Campaign*);
  absl::Status EndCampaign(const rpc::Call&, const pb::EndCampaignRequest&, pb::Campaign*);
  absl::Status SubmitCampaignRecap(const rpc::Call&, const pb::SubmitCampaignRecapRequest&,
                                   pb::Campaign*);
  absl::Status ArchiveCampaign(const rpc::Call&, const pb::ArchiveCampaignRequest&, pb::Campaign*);
  absl::Status CancelCampaign(const rpc::Call&, const pb::CancelCampaignRequest&, pb::Campaign*);
  absl::Status RecordCampaignResults(const rpc::Call&, const pb::RecordCampaignResultsRequest&,
                                     pb::Campaign*);
  absl::Status ListCampaignKinds(const rpc::Call&, const pb::ListCampaignKindsRequest&,
                                 pb::ListCampaignKindsResponse*);
  absl::Status ListCampaignHistory(const rpc::Call&, const pb::ListCampaignHistoryRequest&,
                                   pb::ListCampaignHistoryResponse*);

 private:
  // What every command on one campaign says.
  struct Target {
    std::string_view name, etag, reason;
    std::optional<Time> occurred_at;
    bool closes = false;  // what is counted now is recorded with it
  };
  template <class Request>
  static Target TargetOf(const Request& request);
  // Whether the fact may stop a clock of the SLA service: then it may not be told late by anyone.
  enum class Fact { kAny, kStopsClocks };
  using Apply = std::function<absl::Status(Campaign&, const Occasion&)>;
  // Locks, looks the request up, loads, checks etag and time, applies, saves, appends.
  absl::Status Change(const rpc::Call& call, const Target& target, Fact fact,
                      pb::Campaign* response, const Apply& apply);
  absl::StatusOr<Occasion> OccasionOf(const rpc::Call& call, Fact fact, Time now,
                                      const Target& target) const;
  // Records what nobody stated and the leads and won opportunities say.
  [[nodiscard]] absl::Status Close(const CampaignCounts& counts, Occasion occasion,
                                   Campaign& campaign) const;
  void Count(pg::Tx& tx, const std::vector<CampaignEvent>& events) const;
  // The changes that turn the stored campaign into the draft: one event each.
  absl::Status Edit(const rpc::Call& call, Time now, const StoredCampaign& draft,
                    std::vector<std::string> changed_texts, Campaign& campaign) const;
  // The campaign as the caller reaches it, or NOT_FOUND.
  absl::StatusOr<StoredCampaign> Visible(const rpc::Call& call, pg::Connection& db,
                                         std::string_view field, std::string_view name);

  CampaignDeps deps_;
};

}  // namespace steward::leads
