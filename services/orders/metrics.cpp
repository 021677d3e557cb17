#include "services/orders/metrics.h"

#include <string>

namespace steward::orders {
Metrics::Metrics(metrics::Registry& registry) {
  for (const ContractState state : kContractStates) {
    const auto added =
        contracts_.emplace(state, registry.GetCounter("steward_contracts_total",
                                                      "Contracts by the state that they came to.",
                                                      {{"state", std::string(NameOf(state))}}));
    added.first->second.Add(0);
  }
}

void Metrics::Reached(ContractState state) const {
  if (const auto found = contracts_.find(state); found != contracts_.end()) {
    found->second.Add();
  }
}

}  // namespace steward::orders
