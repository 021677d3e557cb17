#include "services/orders/domain/cash_entry.h"

#include <set>
#include <string>

#include "libs/base/status.h"

namespace steward::orders {
namespace {

absl::Status CheckParts(const InstalmentPlan& plan, const CashEntry& entry) {
  std::set<int64_t> named;
  Money sum{entry.amount.currency, 0};
  for (size_t i = 0; i < entry.parts.size(); ++i) {
    const EntryPart& part = entry.parts[i];
    const std::string field = "entry.parts[" + std::to_string(i) + "]";
    if (part.instalment < 1 || part.instalment > static_cast<int64_t>(plan.size())) {
      return FieldInvalid(field + ".instalment", "is 1 to " + std::to_string(plan.size()));
    }
    if (!named.insert(part.instalment).second) {
      return FieldInvalid(field + ".instalment", "is named once");
    }
    if (part.amount.minor <= 0) {
      return FieldInvalid(field + ".amount", "is above zero");
    }
    ASSIGN_OR_RETURN(sum, Add(sum, part.amount));
  }
  if (sum.minor > entry.amount.minor) {
    return FieldInvalid("entry.parts", "sum to " + FormatMoney(sum) + ", above the entry's " +
                                           FormatMoney(entry.amount));
  }
  if (entry.kind == EntryKind::kWriteOff && sum != entry.amount) {
    return FieldInvalid("entry.parts", "of a write-off name all of it: " +
                                           FormatMoney(entry.amount) + ", not " + FormatMoney(sum));
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(EntryKind kind) {
  static constexpr std::string_view kNames[] = {"RECEIPT", "REFUND", "CREDIT_NOTE", "WRITE_OFF",
                                                "REVERSAL"};
  return kNames[static_cast<size_t>(kind) - 1];
}

absl::Status CheckShape(const InstalmentPlan& plan, const CashEntry& entry) {
  if (plan.empty()) {
    return FieldInvalid("plan", "has at least one instalment");
  }
  RETURN_IF_ERROR(Add(plan.front().amount, {entry.amount.currency, 0}).status());
  if (entry.amount.minor <= 0) {
    return FieldInvalid("entry.amount", "is above zero");
  }
  if (entry.kind == EntryKind::kReversal) {
    if (!entry.reverses) {
      return FieldInvalid("entry.reverses", "is the receipt that is taken back");
    }
    if (!entry.parts.empty()) {
      return FieldInvalid("entry.parts", "of a reversal are those of its receipt; leave them out");
    }
    return absl::OkStatus();
  }
  if (entry.reverses) {
    return FieldInvalid("entry.reverses", "is for a reversal alone");
  }
  return CheckParts(plan, entry);
}

}  // namespace steward::orders
