#pragma once
// Business metrics of campaigns.

#include <map>
#include <vector>

#include "libs/metrics/registry.h"
#include "services/leads/domain/campaign_event.h"

namespace steward::leads {

// steward_campaign_transitions_total by move, a closed set: `planned`, and the steps of CampaignMoved. Thread-safe after construction.
class CampaignMetrics {
 public:
  explicit CampaignMetrics(metrics::Registry& registry);
  // The moves among these events.
  void Moved(const std::vector<CampaignEvent>& events) const;

 private:
  metrics::Counter planned_;
  std::map<CampaignAction, metrics::Counter> moves_;
};

}  // namespace steward::leads
