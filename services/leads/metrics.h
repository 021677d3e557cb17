#pragma once
// Business metrics of the service.

#include <map>
#include <string>

#include "libs/metrics/registry.h"
#include "services/leads/domain/tier.h"

namespace steward::leads {

// steward_customers_registered_total, and steward_customer_tier_changes_total by scheme, a closed set: the scheme file.
// Thread-safe after construction.
class Metrics {
 public:
  Metrics(const TierSchemes& schemes, metrics::Registry& registry);
  void Registered(size_t customers) const;
  void TierChanged(const std::string& scheme) const;

 private:
  metrics::Counter registered_;
  std::map<std::string, metrics::Counter> tier_changes_;
};

}  // namespace steward::leads
