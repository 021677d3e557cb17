#pragma once
// SQL of campaigns. Whatever loads a campaign for a caller takes the caller's reach: out of reach is not there. A campaign without
// an owner is reached like one owned by whoever planned it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/rpc/call.h"
#include "services/leads/domain/campaign_event.h"

namespace steward::leads {

// What people wrote of a campaign.
struct CampaignText {
  std::string title, title_zh, goal, description;
  friend bool operator==(const CampaignText&, const CampaignText&) = default;
};
struct StoredCampaign {
  CampaignData data;
  CampaignText text;
  std::string planned_by;  // members/{id}
};

// In a command, under the campaign's lock. One row or none.
pg::Pending QueueLoadCampaign(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach);
StoredCampaign ReadCampaign(const pg::Result& result, int row);
void QueueInsertCampaign(pg::Tx& tx, const StoredCampaign& campaign);
void QueueUpdateCampaign(pg::Tx& tx, const CampaignData& campaign);
void QueuePutCampaignText(pg::Tx& tx, const Uuid& id, const CampaignText& text);
// Why the change to this version was made.
void QueueCampaignReason(pg::Tx& tx, const Uuid& id, int64_t version, std::string_view reason);

absl::StatusOr<std::optional<StoredCampaign>> GetCampaign(pg::Connection& db, const Uuid& id,
                                                          const rpc::Reach& reach,
                                                          Duration timeout);
// Reasons of the versions of this range, both ends inclusive.
absl::StatusOr<std::map<int64_t, std::string>> GetCampaignReasons(
    pg::Connection& db, const Uuid& id, int64_t from_version, int64_t to_version, Duration timeout);

// From the leads and opportunities that name the campaign, whoever reaches them.
struct CampaignCounts {
  int64_t leads = 0, converted_leads = 0, won = 0;
  std::vector<Money> revenue;  // of the won ones, one a currency
};
pg::Pending QueueCount(pg::Tx& tx, const Uuid& campaign);
CampaignCounts ReadCounts(const pg::Result& result);
absl::StatusOr<CampaignCounts> CountOf(pg::Connection& db, const Uuid& campaign, Duration timeout);

struct CampaignFilter {
  // One of these, by column of kCampaignFilterColumns; absent = any.
  std::map<std::string, std::vector<std::string>> any_of;
  std::map<std::string, std::vector<std::string>> none_of;
  std::optional<std::vector<CampaignState>> states;
  std::vector<CampaignState> not_states;
  // Both ends inclusive, by column of kCampaignTimeColumns.
  std::map<std::string, std::pair<Time, Time>> times;
};
inline constexpr std::string_view kCampaignFilterColumns[] = {"kind", "owner", "team", "region"};
inline constexpr std::string_view kCampaignTimeColumns[] = {"planned_start", "planned_end",
                                                            "create_time", "update_time"};
struct CampaignOrder {
  bool by_planned_start = false;  // else by create_time
  bool ascending = false;
};
// The last campaign of the page before: its time by the order, and its id.
using CampaignCursor = std::pair<Time, Uuid>;
absl::StatusOr<std::vector<StoredCampaign>> ListCampaigns(
    pg::Connection& db, const CampaignFilter& filter, CampaignOrder order,
    const std::optional<CampaignCursor>& after, const rpc::Reach& reach, int limit,
    Duration timeout);

}  // namespace steward::leads
