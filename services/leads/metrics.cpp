#include "services/leads/metrics.h"

namespace steward::leads {

Metrics::Metrics(const TierSchemes& schemes, metrics::Registry& registry)
    : registered_(
          registry.GetCounter("steward_customers_registered_total", "Customers added.", {})) {
  registered_.Add(0);
  for (const TierScheme& scheme : schemes.schemes()) {
    const auto added = tier_changes_.emplace(
        scheme.id,
        registry.GetCounter("steward_customer_tier_changes_total",
                            "Tiers of customers set or taken away.", {{"scheme", scheme.id}}));
    added.first->second.Add(0);
  }
}

void Metrics::Registered(size_t customers) const {
  registered_.Add(static_cast<double>(customers));
}

void Metrics::TierChanged(const std::string& scheme) const {
  if (const auto found = tier_changes_.find(scheme); found != tier_changes_.end()) {
    found->second.Add();
  }
}

}  // namespace steward::leads
