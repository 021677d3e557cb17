#pragma once
// Business metrics of the service.

#include "libs/metrics/registry.h"

namespace steward::orders {

// Thread-safe after construction.
class Metrics {
 public:
  explicit Metrics(metrics::Registry& registry);
  void Drafted() const;

 private:
  metrics::Counter drafted_;
};

}  // namespace steward::orders
