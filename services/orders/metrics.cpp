#include "services/orders/metrics.h"

namespace steward::orders {

Metrics::Metrics(metrics::Registry& registry)
    : drafted_(registry.GetCounter("steward_contracts_drafted_total", "Contracts drafted.", {})) {
  drafted_.Add(0);
}

void Metrics::Drafted() const { drafted_.Add(); }

}  // namespace steward::orders
