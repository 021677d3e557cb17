#include "services/scoring/metrics.h"

namespace steward::scoring {

Metrics::Metrics(metrics::Registry& registry)
    : counted_(registry.GetCounter("steward_scoring_events_counted_total",
                                   "Events of other services that facts were made of.", {})) {
  counted_.Add(0);
}

void Metrics::Counted(size_t events) const { counted_.Add(static_cast<double>(events)); }

}  // namespace steward::scoring
