#pragma once
// Business metrics of the service.

#include "libs/metrics/registry.h"

namespace steward::scoring {

// steward_scoring_events_counted_total. Thread-safe after construction.
class Metrics {
 public:
  explicit Metrics(metrics::Registry& registry);
  void Counted(size_t events) const;

 private:
  metrics::Counter counted_;
};

}  // namespace steward::scoring
