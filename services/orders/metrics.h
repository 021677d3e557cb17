#pragma once
// Business metrics of the service.

#include <map>

#include "libs/metrics/registry.h"
#include "services/orders/domain/contract_state.h"

namespace steward::orders {

// steward_contracts_total by the state that they came to. Thread-safe after construction.
class Metrics {
 public:
  explicit Metrics(metrics::Registry& registry);
  // A contract came to this state.
  void Reached(ContractState state) const;

 private:
  std::map<ContractState, metrics::Counter> contracts_;
};

}  // namespace steward::orders
