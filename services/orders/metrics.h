#pragma once
// Business metrics of the service.

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/metrics/registry.h"
#include "services/orders/domain/cash_entry.h"
#include "services/orders/domain/contract_state.h"
#include "services/orders/domain/order_state.h"
#include "services/orders/storage/receivable_lists.h"
#include "services/orders/storage/won_store.h"

namespace steward::orders {

// What became of a won opportunity that was to be drafted.
enum class DraftResult { kDrafted, kHadContract, kNotWon, kParked };
inline constexpr std::array kDraftResults = {DraftResult::kDrafted, DraftResult::kHadContract,
                                             DraftResult::kNotWon, DraftResult::kParked};

// All labels are closed sets but `currency`, which is of ISO 4217. Thread-safe after construction.
// * steward_contracts_total by the state that they came to; steward_order_transitions_total likewise
// * steward_contract_drafts_total by result: `drafted`, `had_contract`, `not_won`, `parked`
// * steward_contract_drafts_waiting by what they wait for: `worker`, `leads`, `facts` that the opportunity does not have, `release`
// * steward_payments_recorded_total by kind
// * steward_due_dates_passed_total, and steward_receivables_overdue by age and currency, a gauge from the database
class Metrics {
 public:
  explicit Metrics(metrics::Registry& registry);
  // A contract came to this state.
  void Reached(ContractState state) const;
  void Reached(OrderState state) const;
  void Drafted(DraftResult result) const;
  void DraftsWait(const WaitingDrafts& waiting) const;
  void Recorded(EntryKind kind) const;
  void DueDatesPassed(int64_t instalments) const;
  // All there are now: what was there before and is none any more becomes 0. Called by one thread.
  void Overdue(const std::vector<OverdueCount>& counts);

 private:
  metrics::Registry& registry_;
  std::map<ContractState, metrics::Counter> contracts_;
  std::map<OrderState, metrics::Counter> orders_;
  std::map<DraftResult, metrics::Counter> drafts_;
  std::map<EntryKind, metrics::Counter> payments_;
  metrics::Counter due_dates_passed_;
  metrics::Gauge waiting_for_worker_, waiting_for_leads_, waiting_for_facts_, waiting_for_release_;
  std::map<std::pair<std::string, std::string>, metrics::Gauge> overdue_;  // by age and currency
};

}  // namespace steward::orders
