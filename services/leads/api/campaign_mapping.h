#pragma once
// Campaigns in protobuf to domain types and back. Faults answer INVALID_ARGUMENT naming every field.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/leads/domain/campaign.h"
#include "services/leads/storage/campaign_store.h"
#include "steward/leads/v1/campaigns_service.pb.h"

namespace steward::leads {

namespace pb = steward::leads::v1;

// The id of `campaigns/{uuid}`.
absl::StatusOr<Uuid> ParseCampaignName(std::string_view field, std::string_view name);

// What a plan is made of; without id, times of recording and version. The kind is the domain's to check.
absl::StatusOr<StoredCampaign> FromProto(const pb::Campaign& from);
absl::StatusOr<CampaignResults> FromProto(const pb::CampaignResults& from);
// Names of the texts that differ.
std::vector<std::string> ChangedFields(const CampaignText& from, const CampaignText& to);

void ToProto(const StoredCampaign& from, pb::Campaign* to);
// What is counted now, and the figures of what is stated with it.
void AddCounts(const StoredCampaign& from, const CampaignCounts& counts, pb::Campaign* to);
// Of the results, those that are not stated and were counted: what a recap closes with. Nothing counted = nothing.
CampaignResults Unstated(const CampaignResults& stated, const CampaignCounts& counts);
void ToProto(const CampaignKind& from, pb::CampaignKind* to);

struct CampaignQuery {
  CampaignFilter filter;
  CampaignOrder order;
};
// A kind stands for the kinds below it too.
absl::StatusOr<CampaignQuery> ParseCampaignQuery(const std::vector<CampaignKind>& kinds,
                                                 std::string_view filter,
                                                 std::string_view order_by);

}  // namespace steward::leads
