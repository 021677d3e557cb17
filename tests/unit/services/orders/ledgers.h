#pragma once
// Builders for tests of the cash ledger.

#include <string_view>
#include <vector>

#include "services/orders/domain/ledger.h"
#include "tests/unit/services/orders/builders.h"

namespace steward::orders {

// 300.00 due on 31 January, 700.00 on 28 February 2026.
inline Receivable ThreeAndSeven() {
  return {{{Day("2026-01-31"), Cny(30'000)}, {Day("2026-02-28"), Cny(70'000)}}, {}};
}

inline CashEntry Entry(uint8_t id, EntryKind kind, std::string_view day, int64_t minor,
                       std::vector<EntryPart> parts = {}) {
  return {Id(id), kind, Day(day), Cny(minor), std::move(parts), {}};
}
inline CashEntry Receipt(uint8_t id, std::string_view day, int64_t minor,
                         std::vector<EntryPart> parts = {}) {
  return Entry(id, EntryKind::kReceipt, day, minor, std::move(parts));
}
inline CashEntry Reversal(uint8_t id, std::string_view day, const CashEntry& receipt) {
  return {Id(id), EntryKind::kReversal, Day(day), receipt.amount, {}, receipt.id};
}

inline LedgerState Computed(const Receivable& receivable, const std::vector<CashEntry>& entries,
                            std::string_view day) {
  auto state = ComputeLedger(receivable, entries, Day(day));
  EXPECT_TRUE(state.ok()) << state.status();
  return state.ok() ? *std::move(state) : LedgerState{};
}

inline std::vector<int64_t> OpenOf(const LedgerState& state) {
  std::vector<int64_t> open;
  for (const InstalmentStanding& instalment : state.instalments) {
    open.push_back(instalment.open());
  }
  return open;
}
inline std::vector<Standing> StandingsOf(const LedgerState& state) {
  std::vector<Standing> standings;
  for (const InstalmentStanding& instalment : state.instalments) {
    standings.push_back(instalment.standing);
  }
  return standings;
}

}  // namespace steward::orders
