#include "services/orders/metrics.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace steward::orders {
namespace {

metrics::Gauge WaitingGauge(metrics::Registry& registry, const char* waits_for) {
  return registry.GetGauge("steward_contract_drafts_waiting",
                           "Won opportunities that have no contract draft yet.",
                           {{"waits_for", waits_for}});
}

// Shown as 0 from the start.
metrics::Counter Counted(const metrics::Counter& counter) {
  counter.Add(0);
  return counter;
}

std::string LowerCase(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

const char* NameOf(DraftResult result) {
  switch (result) {
    case DraftResult::kDrafted:
      return "drafted";
    case DraftResult::kHadContract:
      return "had_contract";
    case DraftResult::kNotWon:
      return "not_won";
    case DraftResult::kParked:
      return "parked";
  }
  return "";
}

template <class Key>
void Add(const std::map<Key, metrics::Counter>& counters, Key key) {
  if (const auto found = counters.find(key); found != counters.end()) {
    found->second.Add();
  }
}

}  // namespace

Metrics::Metrics(metrics::Registry& registry)
    : registry_(registry),
      due_dates_passed_(Counted(registry.GetCounter("steward_due_dates_passed_total",
                                                    "Due dates that passed with something open."))),
      waiting_for_worker_(WaitingGauge(registry, "worker")),
      waiting_for_leads_(WaitingGauge(registry, "leads")),
      waiting_for_facts_(WaitingGauge(registry, "facts")),
      waiting_for_release_(WaitingGauge(registry, "release")) {
  DraftsWait({});
  for (const ContractState state : kContractStates) {
    contracts_.emplace(state,
                       Counted(registry.GetCounter(
                           "steward_contracts_total", "Contracts by the state that they came to.",
                           {{"state", std::string(steward::orders::NameOf(state))}})));
  }
  for (const OrderState state : kOrderStates) {
    orders_.emplace(state,
                    Counted(registry.GetCounter(
                        "steward_order_transitions_total", "Orders by the state that they came to.",
                        {{"to_state", std::string(steward::orders::NameOf(state))}})));
  }
  for (const DraftResult result : kDraftResults) {
    drafts_.emplace(result, Counted(registry.GetCounter(
                                "steward_contract_drafts_total",
                                "Won opportunities by what became of their contract draft.",
                                {{"result", NameOf(result)}})));
  }
  for (const EntryKind kind : {EntryKind::kReceipt, EntryKind::kRefund, EntryKind::kCreditNote,
                               EntryKind::kWriteOff, EntryKind::kReversal}) {
    payments_.emplace(
        kind, Counted(registry.GetCounter("steward_payments_recorded_total",
                                          "Entries written into ledgers of contracts.",
                                          {{"kind", LowerCase(steward::orders::NameOf(kind))}})));
  }
}

void Metrics::Reached(ContractState state) const { Add(contracts_, state); }
void Metrics::Reached(OrderState state) const { Add(orders_, state); }
void Metrics::Drafted(DraftResult result) const { Add(drafts_, result); }
void Metrics::Recorded(EntryKind kind) const { Add(payments_, kind); }

void Metrics::DueDatesPassed(int64_t instalments) const {
  due_dates_passed_.Add(static_cast<double>(instalments));
}

void Metrics::DraftsWait(const WaitingDrafts& waiting) const {
  waiting_for_worker_.Set(static_cast<double>(waiting.first_attempt));
  waiting_for_leads_.Set(static_cast<double>(waiting.leads));
  waiting_for_facts_.Set(static_cast<double>(waiting.facts));
  waiting_for_release_.Set(static_cast<double>(waiting.parked));
}

void Metrics::Overdue(const std::vector<OverdueCount>& counts) {
  std::set<std::pair<std::string, std::string>> there;
  for (const OverdueCount& count : counts) {
    const std::pair key(count.age, count.currency);
    there.insert(key);
    auto found = overdue_.find(key);
    if (found == overdue_.end()) {
      found = overdue_
                  .emplace(key,
                           registry_.GetGauge("steward_receivables_overdue",
                                              "Instalments that are overdue, by days and currency.",
                                              {{"age", count.age}, {"currency", count.currency}}))
                  .first;
    }
    found->second.Set(static_cast<double>(count.instalments));
  }
  for (const auto& [key, gauge] : overdue_) {
    if (!there.contains(key)) {
      gauge.Set(0);
    }
  }
}

}  // namespace steward::orders
