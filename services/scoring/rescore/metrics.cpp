#include "services/scoring/rescore/metrics.h"

#include <algorithm>

namespace steward::scoring {

RescoreMetrics::RescoreMetrics(metrics::Registry& registry, const Clock& clock)
    : oldest_(std::make_shared<std::atomic<int64_t>>(0)) {
  const auto counter = [&](const char* result) {
    metrics::Counter made = registry.GetCounter(
        "steward_scoring_leads_scored_total",
        "Leads scored; `changed` = with another score or band than before.", {{"result", result}});
    made.Add(0);
    return made;
  };
  changed_ = counter("changed");
  same_ = counter("same");
  const metrics::Gauge gauge =
      registry.GetGauge("steward_scoring_oldest_pending_rescore_seconds",
                        "How long the lead has waited for its score that waits longest.", {});
  gauge.Set(0);
  registry.OnScrape([gauge, oldest = oldest_, &clock] {
    const int64_t since = oldest->load();
    const int64_t age = since == 0 ? 0 : std::max<int64_t>(clock.Now().micros - since, 0);
    gauge.Set(static_cast<double>(age) / 1e6);
  });
}

void RescoreMetrics::Scored(int64_t scored, int64_t changed) const {
  changed_.Add(static_cast<double>(changed));
  same_.Add(static_cast<double>(scored - changed));
}

void RescoreMetrics::SetOldestPending(std::optional<Time> since) const {
  oldest_->store(since ? since->micros : 0);
}

}  // namespace steward::scoring
