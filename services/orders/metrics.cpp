#include "services/orders/metrics.h"

#include <string>

namespace steward::orders {
namespace {

metrics::Gauge WaitingGauge(metrics::Registry& registry, const char* waits_for) {
  return registry.GetGauge("steward_contract_drafts_waiting",
                           "Won opportunities that have no contract draft yet.",
                           {{"waits_for", waits_for}});
}

}  // namespace

Metrics::Metrics(metrics::Registry& registry)
    : waiting_for_worker_(WaitingGauge(registry, "worker")),
      waiting_for_leads_(WaitingGauge(registry, "leads")),
      waiting_for_facts_(WaitingGauge(registry, "facts")) {
  DraftsWait({});
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

void Metrics::DraftsWait(const WaitingDrafts& waiting) const {
  waiting_for_worker_.Set(static_cast<double>(waiting.first_attempt));
  waiting_for_leads_.Set(static_cast<double>(waiting.leads));
  waiting_for_facts_.Set(static_cast<double>(waiting.facts));
}

}  // namespace steward::orders
