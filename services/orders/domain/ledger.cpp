#include "services/orders/domain/ledger.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "libs/base/refusals.h"
#include "services/orders/domain/ledger_fold.h"

namespace steward::orders {
namespace {

bool Earlier(const CashEntry& a, const CashEntry& b) {
  return std::tie(a.occurred_on, a.id) < std::tie(b.occurred_on, b.id);
}

absl::Status CheckReversal(const std::map<Uuid, const CashEntry*>& by_id, const CashEntry& entry,
                           std::set<Uuid>& reversed) {
  const std::string id = entry.reverses->ToString();
  const auto found = by_id.find(*entry.reverses);
  if (found == by_id.end() || found->second->kind != EntryKind::kReceipt) {
    return Precondition("RECEIPT_UNKNOWN", "the ledger has no receipt " + id, {{"receipt", id}});
  }
  const CashEntry& receipt = *found->second;
  if (!reversed.insert(receipt.id).second) {
    return Precondition("RECEIPT_ALREADY_REVERSED", "receipt " + id + " is reversed already",
                        {{"receipt", id}});
  }
  if (entry.amount != receipt.amount || entry.occurred_on < receipt.occurred_on) {
    return Precondition("REVERSAL_DIFFERS",
                        "a reversal is of all of its receipt, " + FormatMoney(receipt.amount) +
                            ", and not before " + FormatDay(receipt.occurred_on),
                        {{"receipt", id},
                         {"amount", FormatMoney(receipt.amount)},
                         {"occurred_on", FormatDay(receipt.occurred_on)}});
  }
  return absl::OkStatus();
}

// Whatever does not depend on the day: shapes, ids, reversals, sums.
absl::Status CheckEntries(const InstalmentPlan& plan, const std::vector<CashEntry>& entries) {
  if (plan.empty()) {
    return FieldInvalid("plan", "has at least one instalment");
  }
  Money contract{plan.front().amount.currency, 0};
  for (const Instalment& instalment : plan) {
    ASSIGN_OR_RETURN(contract, Add(contract, instalment.amount));
  }
  Money all = contract;
  Money credited{contract.currency, 0};
  std::map<Uuid, const CashEntry*> by_id;
  for (const CashEntry& entry : entries) {
    RETURN_IF_ERROR(CheckShape(plan, entry));
    ASSIGN_OR_RETURN(all, Add(all, entry.amount));
    if (entry.kind == EntryKind::kCreditNote) {
      ASSIGN_OR_RETURN(credited, Add(credited, entry.amount));
    }
    if (!by_id.emplace(entry.id, &entry).second) {
      return Precondition("ENTRY_ALREADY_RECORDED",
                          "entry " + entry.id.ToString() + " is in the ledger already",
                          {{"entry", entry.id.ToString()}});
    }
  }
  if (credited.minor > contract.minor) {
    return Precondition("CREDIT_NOTES_ABOVE_CONTRACT",
                        "credit notes of " + FormatMoney(credited) + " are above the contract's " +
                            FormatMoney(contract),
                        {{"credited", FormatMoney(credited)}, {"contract", FormatMoney(contract)}});
  }
  std::set<Uuid> reversed;
  for (const CashEntry& entry : entries) {
    if (entry.kind == EntryKind::kReversal) {
      RETURN_IF_ERROR(CheckReversal(by_id, entry, reversed));
    }
  }
  return absl::OkStatus();
}

// What counts at the end of `today`, in order.
std::vector<CashEntry> Counting(std::vector<CashEntry> entries, absl::CivilDay today) {
  std::set<Uuid> reversed;
  for (const CashEntry& entry : entries) {
    if (entry.kind == EntryKind::kReversal && entry.occurred_on <= today) {
      reversed.insert(*entry.reverses);
    }
  }
  std::erase_if(entries, [&](const CashEntry& entry) {
    return entry.occurred_on > today || entry.kind == EntryKind::kReversal ||
           reversed.contains(entry.id);
  });
  std::sort(entries.begin(), entries.end(), Earlier);
  return entries;
}

// The least cash there is from the place of `entry` on.
int64_t CashFrom(const std::vector<CashEntry>& recorded, const CashEntry& entry,
                 absl::CivilDay today) {
  int64_t cash = 0;
  std::optional<int64_t> least;
  for (const CashEntry& each : Counting(recorded, today)) {
    if (!least && Earlier(entry, each)) {
      least = cash;
    }
    cash += each.kind == EntryKind::kReceipt  ? each.amount.minor
            : each.kind == EntryKind::kRefund ? -each.amount.minor
                                              : 0;
    least = least ? std::min(*least, cash) : least;
  }
  return std::max(least.value_or(cash), int64_t{0});
}

absl::Status CheckWriteOff(const LedgerState& before, const CashEntry& entry) {
  for (const EntryPart& part : entry.parts) {
    const int64_t open = before.instalments[static_cast<size_t>(part.instalment) - 1].open();
    if (part.amount.minor > open) {
      const std::string text = FormatMoney({before.currency, open});
      return Precondition("WRITE_OFF_ABOVE_OPEN",
                          "of instalment " + std::to_string(part.instalment) + " " + text +
                              " is open, less than " + FormatMoney(part.amount),
                          {{"instalment", std::to_string(part.instalment)}, {"open", text}});
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(Standing standing) {
  static constexpr std::string_view kNames[] = {"PLANNED", "DUE",     "PARTLY_PAID",
                                                "PAID",    "OVERDUE", "WRITTEN_OFF"};
  return kNames[static_cast<size_t>(standing) - 1];
}

absl::StatusOr<LedgerState> ComputeLedger(const Receivable& receivable,
                                          std::vector<CashEntry> entries, absl::CivilDay today) {
  RETURN_IF_ERROR(CheckEntries(receivable.plan, entries));
  LedgerFold fold(receivable, today);
  for (const CashEntry& entry : Counting(std::move(entries), today)) {
    fold.Apply(entry);
  }
  return std::move(fold).Finish();
}

absl::Status CheckEntry(const Receivable& receivable, const std::vector<CashEntry>& recorded,
                        const CashEntry& entry, absl::CivilDay today) {
  if (entry.occurred_on > today) {
    return FieldInvalid("entry.occurred_on", "lies after today, " + FormatDay(today));
  }
  std::vector<CashEntry> all = recorded;
  all.push_back(entry);
  RETURN_IF_ERROR(CheckEntries(receivable.plan, all));
  if (entry.kind == EntryKind::kRefund) {
    const int64_t cash = CashFrom(recorded, entry, today);
    if (entry.amount.minor > cash) {
      const std::string text = FormatMoney({entry.amount.currency, cash});
      return Precondition("REFUND_ABOVE_CASH",
                          "from " + FormatDay(entry.occurred_on) + " on there is " + text +
                              " of receipts, less than " + FormatMoney(entry.amount),
                          {{"cash", text}});
    }
  }
  if (entry.kind == EntryKind::kWriteOff) {
    ASSIGN_OR_RETURN(const LedgerState before, ComputeLedger(receivable, recorded, today));
    return CheckWriteOff(before, entry);
  }
  return absl::OkStatus();
}

}  // namespace steward::orders
