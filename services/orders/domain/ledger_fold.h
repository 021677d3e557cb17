#pragma once
// The allocation behind ComputeLedger: entries one by one, each of which moves amounts between the
// accounts. Everything is bounded by the sum of all amounts, which the caller has checked to fit.

#include <vector>

#include "services/orders/domain/ledger.h"

namespace steward::orders {

class LedgerFold {
 public:
  // `today` decides which due dates are known.
  LedgerFold(const Receivable& receivable, absl::CivilDay today);
  // Any kind but a reversal; in the order of date and id.
  void Apply(const CashEntry& entry);
  LedgerState Finish() &&;

 private:
  using Field = int64_t InstalmentStanding::*;

  void Receive(const CashEntry& entry);
  void Refund(const CashEntry& entry);
  void CreditNote(const CashEntry& entry);
  void WriteOff(const CashEntry& entry);
  InstalmentStanding& At(int64_t number);
  // Each takes at most `limit` and says how much it took.
  int64_t Move(InstalmentStanding& to, Field field, Account account, int64_t minor);
  int64_t PayOpen(InstalmentStanding& to, int64_t limit);
  int64_t Recover(InstalmentStanding& to, int64_t limit);
  int64_t TakeBack(InstalmentStanding& from, int64_t limit);
  // `freed` grows by the cash that is no longer needed there.
  int64_t Lessen(InstalmentStanding& of, int64_t limit, int64_t& freed);
  void MoveTotal(int64_t LedgerState::*field, Account account, int64_t minor);
  // By the rule: overdrawn, oldest due, written off, credit.
  void Allocate(int64_t minor);

  LedgerState state_;
  std::vector<int64_t> order_;  // numbers, oldest due first
  absl::CivilDay today_;
  Uuid entry_;
};

}  // namespace steward::orders
