#pragma once
// What can happen to a campaign: ids and facts. Its title and the texts around it are the
// service's, not the domain's.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/money.h"
#include "libs/base/time.h"
#include "services/leads/domain/campaign_state.h"

namespace steward::leads {

// As far as known; unset = not known, or in a command as it is. None is negative.
struct CampaignResults {
  std::optional<Money> cost, revenue;
  std::optional<int64_t> leads, converted_leads, new_customers;
  friend bool operator==(const CampaignResults&, const CampaignResults&) = default;
};

// The campaign as it is stored.
struct CampaignData {
  Uuid id;
  std::string kind;
  std::string owner, team, region;
  Money budget;                     // not negative; zero = costs nothing
  Time planned_start, planned_end;  // the end lies after the start
  std::optional<Time> approved_at, rehearsed_at, started_at, ended_at, recap_at;
  std::string approved_by;  // members/{id}, while approved or later
  std::string recap;        // where the report is kept
  CampaignResults results;
  CampaignState state = CampaignState::kPlanned;
  Time state_time;  // when it came to this state
  Time occurred_at, recorded_at, update_time;
  int64_t version = 0;  // number of its events
  friend bool operator==(const CampaignData&, const CampaignData&) = default;
};

struct CampaignPlanned {
  CampaignData campaign;
  std::vector<std::string> kind_path;
};
struct CampaignRescheduled {
  Time from_start, from_end, start, end;
};
struct CampaignBudgetChanged {
  Money from, to;
  bool approval_voided;
};
// Approved, rehearsed, started, ended, recap submitted, archived, cancelled.
struct CampaignMoved {
  CampaignAction action;
  CampaignState from, to;
  std::string recap;  // with submit_recap
  bool back_dated;
};
struct CampaignResultsRecorded {
  CampaignResults results;  // as they are now
  std::string owner, team, region;
  std::optional<Time> ended_at;
};
// Who answers for a campaign, and where.
struct CampaignDuty {
  std::string owner, team, region;
  friend bool operator==(const CampaignDuty&, const CampaignDuty&) = default;
};
struct CampaignUpdated {
  std::vector<std::string> changed_fields;  // of texts the name is all that is said
  CampaignDuty from, to;
};

struct CampaignEvent {
  int64_t version = 0;
  Uuid event_id;
  Time occurred_at;
  std::variant<CampaignPlanned, CampaignRescheduled, CampaignBudgetChanged, CampaignMoved,
               CampaignResultsRecorded, CampaignUpdated>
      body;
};

// `campaigns/{uuid}`.
inline std::string CampaignName(const Uuid& id) { return "campaigns/" + id.ToString(); }

}  // namespace steward::leads
