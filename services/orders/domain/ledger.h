#pragma once
// What is paid and what is open, computed from the entries and never typed. A pure function of plan,
// entries and day: entries are taken in the order of their date, then of their id, so that it does
// not matter in which order they arrived.
//
//   open = contract - cash - credit notes - written off, plus the customer's credit, less overdrawn
//
// The rules of allocation:
// * A receipt goes to the instalments that it names, as far as they are open, and the rest of it to
//   the oldest due first; then it recovers what was written off; what is left is the customer's
//   credit. Instalments without a known due date come last, by number.
// * A refund takes the credit first, then the instalments that it names, then the latest due first.
//   What was never there is overdrawn, and the next receipt fills that first.
// * A credit note lessens the instalments that it names, else the oldest due that are open, else
//   the latest due; cash that this frees is allocated like a receipt.
// * A write-off takes what is open of its instalments at its place, at most its amount.
// * A reversed receipt counts from its reversal on as if it had never been.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/orders/domain/cash_entry.h"

namespace steward::orders {

// What a ledger is about.
struct Receivable {
  InstalmentPlan plan;
  DueEventDates dates;
};

// By the first that applies: nothing open, and some of it written off; nothing open; open after the
// due date; open with something paid; open on the due date; otherwise planned.
enum class Standing : int {
  kPlanned = 1,
  kDue = 2,
  kPartlyPaid = 3,
  kPaid = 4,
  kOverdue = 5,
  kWrittenOff = 6,
};
// `PARTLY_PAID`.
std::string_view NameOf(Standing standing);

// Amounts in minor units of the contract's currency, none below zero.
struct InstalmentStanding {
  int64_t number = 0;
  std::optional<absl::CivilDay> due;  // nullopt = waits for an event
  int64_t amount = 0, paid = 0, credited = 0, written_off = 0;
  Standing standing = Standing::kPlanned;
  int64_t overdue_days = 0;                  // days since the due date while something is open
  std::optional<absl::CivilDay> settled_on;  // since when nothing is open
  int64_t open() const { return amount - paid - credited - written_off; }
  friend bool operator==(const InstalmentStanding&, const InstalmentStanding&) = default;
};

// Fills standing and overdue days from amounts and due date, as of the end of `today`.
void Stand(InstalmentStanding& instalment, absl::CivilDay today);

enum class Account : int { kPaid = 1, kCredited = 2, kWrittenOff = 3, kCredit = 4, kOverdrawn = 5 };
// What an entry changed: the amounts of an account sum to what it holds.
struct Posting {
  Uuid entry;
  int64_t instalment = 0;  // 0 for kCredit and kOverdrawn
  Account account = Account::kPaid;
  int64_t minor = 0;
  friend bool operator==(const Posting&, const Posting&) = default;
};

struct LedgerState {
  std::string currency;
  std::vector<InstalmentStanding> instalments;  // by number
  int64_t contract = 0;
  int64_t cash = 0;  // receipts less refunds
  int64_t credited = 0, written_off = 0, open = 0;
  int64_t credit = 0;     // the customer's: more came in than is owed; then nothing is open
  int64_t overdrawn = 0;  // the company's: more was refunded than is left of the receipts
  std::vector<Posting> postings;
  friend bool operator==(const LedgerState&, const LedgerState&) = default;
};

// How it stands at the end of `today`; later entries and events have not happened. Refusals:
// those of CheckShape; ENTRY_ALREADY_RECORDED for an id that is there twice;
// RECEIPT_UNKNOWN, RECEIPT_ALREADY_REVERSED and REVERSAL_DIFFERS (other amount, or before its
// receipt); CREDIT_NOTES_ABOVE_CONTRACT; AMOUNT_OVERFLOW when all amounts together are beyond int64.
absl::StatusOr<LedgerState> ComputeLedger(const Receivable& receivable,
                                          std::vector<CashEntry> entries, absl::CivilDay today);

// Whether one more entry may be written, as things stand `today`. Besides the refusals above, all
// FAILED_PRECONDITION with the amounts: REFUND_ABOVE_CASH (from its date on there is less, `cash`)
// and WRITE_OFF_ABOVE_OPEN (`open`); FIELD_INVALID naming `entry.occurred_on` for a day to come.
// Receipts are never refused for their amount: what is too much becomes credit.
[[nodiscard]] absl::Status CheckEntry(const Receivable& receivable,
                                      const std::vector<CashEntry>& recorded,
                                      const CashEntry& entry, absl::CivilDay today);

}  // namespace steward::orders
