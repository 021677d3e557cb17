#pragma once
// What is written into the cash ledger of a contract. There is no entry for an invoice: what was
// invoiced changes nothing of what is paid.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/day.h"
#include "libs/base/ids.h"
#include "libs/base/money.h"
#include "services/orders/domain/instalment_plan.h"

namespace steward::orders {

enum class EntryKind : int {
  kReceipt = 1,     // cash in
  kRefund = 2,      // cash out again
  kCreditNote = 3,  // less is owed
  kWriteOff = 4,    // given up; what comes in after that recovers it
  kReversal = 5,    // a receipt that was none, for example a cheque that bounced
};
// `CREDIT_NOTE`.
std::string_view NameOf(EntryKind kind);

// For one instalment of the plan, by its number from 1.
struct EntryPart {
  int64_t instalment = 0;
  Money amount;
  friend bool operator==(const EntryPart&, const EntryPart&) = default;
};

struct CashEntry {
  Uuid id;
  EntryKind kind = EntryKind::kReceipt;
  absl::CivilDay occurred_on;  // in the company's zone
  Money amount;                // above zero, whatever the kind
  // The instalments it is meant for; what they do not cover goes by the ledger's rule. A write-off
  // names all of its amount, a reversal nothing.
  std::vector<EntryPart> parts = {};
  std::optional<Uuid> reverses = {};  // the receipt, of a reversal alone
  friend bool operator==(const CashEntry&, const CashEntry&) = default;
};

// The shape of one entry for a contract with this plan. FIELD_INVALID naming `entry...`: amount not
// above zero, a part that is not, an unknown instalment or one named twice, parts above the amount
// (of a write-off: other than it), parts or no receipt in a reversal, a receipt elsewhere.
// CURRENCY_MISMATCH and AMOUNT_OVERFLOW as in Money.
[[nodiscard]] absl::Status CheckShape(const InstalmentPlan& plan, const CashEntry& entry);

}  // namespace steward::orders
