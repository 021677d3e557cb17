#pragma once
// Metrics of lead scores.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "libs/base/clock.h"
#include "libs/metrics/registry.h"

namespace steward::scoring {

// steward_scoring_leads_scored_total by result, and steward_scoring_oldest_pending_rescore_seconds: how long the lead waits that has
// waited longest, reckoned at each scrape. Thread-safe after construction.
class RescoreMetrics {
 public:
  RescoreMetrics(metrics::Registry& registry, const Clock& clock);
  // Of the scored leads `changed` were said to have another score.
  void Scored(int64_t scored, int64_t changed) const;
  void SetOldestPending(std::optional<Time> since) const;

 private:
  metrics::Counter changed_, same_;
  std::shared_ptr<std::atomic<int64_t>> oldest_;  // microseconds; 0 = none
};

}  // namespace steward::scoring
