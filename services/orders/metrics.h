#pragma once
// Business metrics of the service.

#include <map>

#include "libs/metrics/registry.h"
#include "services/orders/domain/contract_state.h"
#include "services/orders/storage/won_store.h"

namespace steward::orders {

// steward_contracts_total by the state that they came to, and steward_contract_drafts_waiting by what they wait for: `worker`, `leads`,
// or `facts` that the opportunity does not have. Thread-safe after construction.
class Metrics {
 public:
  explicit Metrics(metrics::Registry& registry);
  // A contract came to this state.
  void Reached(ContractState state) const;
  void DraftsWait(const WaitingDrafts& waiting) const;

 private:
  std::map<ContractState, metrics::Counter> contracts_;
  metrics::Gauge waiting_for_worker_, waiting_for_leads_, waiting_for_facts_;
};

}  // namespace steward::orders
