// Laws of the cash ledger on random plans and entries.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/services/orders/ledgers.h"

namespace steward::orders {
namespace {

constexpr int32_t kStart = 20'454;  // 2026-01-01

struct Case {
  Receivable receivable;
  std::vector<CashEntry> entries;
};

Receivable AnyReceivable() {
  Receivable any;
  const int count = *rc::gen::inRange(1, 6);
  for (int i = 0; i < count; ++i) {
    const DueCondition due =
        *rc::gen::arbitrary<bool>()
            ? DueCondition(absl::CivilDay() + (kStart + *rc::gen::inRange(0, 60) * 8 + i))
            : DueCondition(DueAfter{
                  *rc::gen::elementOf(std::vector<DueEvent>(kDueEvents.begin(), kDueEvents.end())),
                  i});
    any.plan.push_back({due, Cny(*rc::gen::inRange<int64_t>(1, 1'000))});
  }
  const auto maybe = [] {
    return *rc::gen::arbitrary<bool>()
               ? std::optional<absl::CivilDay>(absl::CivilDay() +
                                               (kStart + *rc::gen::inRange(0, 400)))
               : std::nullopt;
  };
  any.dates = {maybe(), maybe(), maybe()};
  return any;
}

std::vector<EntryPart> AnyParts(const InstalmentPlan& plan, int64_t amount) {
  std::vector<EntryPart> parts;
  for (size_t i = 0; i < plan.size() && amount > 0; ++i) {
    const int64_t part = *rc::gen::inRange<int64_t>(0, amount + 1);
    if (part > 0) {
      parts.push_back({static_cast<int64_t>(i) + 1, Cny(part)});
      amount -= part;
    }
  }
  return parts;
}

// Entries as they might be written by hand: whatever a ledger takes.
Case AnyCase(bool receipts_only) {
  Case any{AnyReceivable(), {}};
  std::vector<size_t> receipts;
  int64_t to_credit = 0;
  for (const Instalment& instalment : any.receivable.plan) {
    to_credit += instalment.amount.minor;
  }
  const int count = *rc::gen::inRange(0, 14);
  for (int i = 0; i < count; ++i) {
    CashEntry entry;
    entry.id = Id(static_cast<uint8_t>(200 - i * 7));
    entry.kind = static_cast<EntryKind>(receipts_only ? 1 : *rc::gen::inRange(1, 6));
    entry.occurred_on = absl::CivilDay() + (kStart + *rc::gen::inRange(0, 12) * 30);
    entry.amount = Cny(*rc::gen::inRange<int64_t>(1, 900));
    if (entry.kind == EntryKind::kReversal) {
      if (receipts.empty()) {
        continue;
      }
      const CashEntry& receipt = any.entries[receipts.back()];
      receipts.pop_back();
      entry = CashEntry{entry.id,
                        EntryKind::kReversal,
                        std::max(entry.occurred_on, receipt.occurred_on),
                        receipt.amount,
                        {},
                        receipt.id};
    } else if (entry.kind == EntryKind::kCreditNote) {
      if (entry.amount.minor > to_credit) {
        continue;
      }
      to_credit -= entry.amount.minor;
    } else if (entry.kind == EntryKind::kReceipt) {
      receipts.push_back(any.entries.size());
    }
    if (entry.kind == EntryKind::kWriteOff) {
      entry.parts = {
          {*rc::gen::inRange<int64_t>(1, static_cast<int64_t>(any.receivable.plan.size()) + 1),
           entry.amount}};
    } else if (entry.kind != EntryKind::kReversal && *rc::gen::arbitrary<bool>()) {
      entry.parts = AnyParts(any.receivable.plan, entry.amount.minor);
    }
    any.entries.push_back(entry);
  }
  return any;
}

// Every law that holds on every day.
void CheckLaws(const Receivable& receivable, const LedgerState& state, int64_t cash) {
  int64_t contract = 0, open = 0;
  for (size_t i = 0; i < state.instalments.size(); ++i) {
    const InstalmentStanding& each = state.instalments[i];
    RC_ASSERT(each.amount == receivable.plan[i].amount.minor);
    RC_ASSERT(each.paid >= 0 && each.credited >= 0 && each.written_off >= 0 && each.open() >= 0);
    RC_ASSERT((each.open() == 0) == each.settled_on.has_value());
    RC_ASSERT((each.standing == Standing::kOverdue) == (each.overdue_days > 0));
    contract += each.amount;
    open += each.open();
  }
  RC_ASSERT(state.contract == contract && state.open == open);
  RC_ASSERT(state.cash == cash);
  RC_ASSERT(state.credit >= 0 && state.overdrawn >= 0);
  RC_ASSERT(state.credit == 0 || (open == 0 && state.written_off == 0 && state.overdrawn == 0));
  RC_ASSERT(open ==
            contract - cash - state.credited - state.written_off + state.credit - state.overdrawn);
  std::map<std::pair<int64_t, Account>, int64_t> posted;
  for (const Posting& posting : state.postings) {
    posted[{posting.instalment, posting.account}] += posting.minor;
  }
  for (const InstalmentStanding& each : state.instalments) {
    RC_ASSERT((posted[{each.number, Account::kPaid}] == each.paid));
    RC_ASSERT((posted[{each.number, Account::kCredited}] == each.credited));
    RC_ASSERT((posted[{each.number, Account::kWrittenOff}] == each.written_off));
  }
  RC_ASSERT((posted[{0, Account::kCredit}] == state.credit));
  RC_ASSERT((posted[{0, Account::kOverdrawn}] == state.overdrawn));
}

int64_t CashOn(const std::vector<CashEntry>& entries, absl::CivilDay day) {
  int64_t cash = 0;
  for (const CashEntry& entry : entries) {
    if (entry.occurred_on <= day) {
      cash += entry.kind == EntryKind::kReceipt ? entry.amount.minor : 0;
      cash -= entry.kind == EntryKind::kRefund || entry.kind == EntryKind::kReversal
                  ? entry.amount.minor
                  : 0;
    }
  }
  return cash;
}

RC_GTEST_PROP(LedgerProperty, OrderOfArrivalDoesNotMatter, ()) {
  const Case any = AnyCase(*rc::gen::arbitrary<bool>());
  const absl::CivilDay today{kStart + *rc::gen::inRange(0, 500)};
  const auto state = ComputeLedger(any.receivable, any.entries, today);
  RC_ASSERT(state.ok());
  std::vector<CashEntry> shuffled = any.entries;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937_64(*rc::gen::arbitrary<uint64_t>()));
  RC_ASSERT(*ComputeLedger(any.receivable, shuffled, today) == *state);
}

// Receipts of the same dates give the same amounts whatever their ids, that is in whatever order of
// the same day they are taken.
RC_GTEST_PROP(LedgerProperty, ReceiptsByRuleDoNotDependOnTheirIds, ()) {
  Case any = AnyCase(true);
  for (CashEntry& entry : any.entries) {
    entry.parts.clear();
  }
  const absl::CivilDay today{kStart + *rc::gen::inRange(0, 500)};
  const LedgerState before = *ComputeLedger(any.receivable, any.entries, today);
  const size_t count = any.entries.size();
  for (size_t i = 0; i < count; ++i) {
    any.entries[i].id = Id(static_cast<uint8_t>(i));
  }
  const LedgerState after = *ComputeLedger(any.receivable, any.entries, today);
  RC_ASSERT(before.instalments == after.instalments);
  RC_ASSERT(before.credit == after.credit);
}

RC_GTEST_PROP(LedgerProperty, OpenIsContractLessCashOnEveryDay, ()) {
  const Case any = AnyCase(false);
  for (int32_t day = 0; day <= 420; day += 15) {
    const absl::CivilDay today{kStart + day};
    const auto state = ComputeLedger(any.receivable, any.entries, today);
    RC_ASSERT(state.ok());
    CheckLaws(any.receivable, *state, CashOn(any.entries, today));
  }
}

// The same after each entry as they arrive, of those that may be written; such a ledger is never
// overdrawn but by a reversal.
RC_GTEST_PROP(LedgerProperty, OpenIsContractLessCashAtEveryPrefix, ()) {
  const Case any = AnyCase(false);
  const absl::CivilDay today{kStart + 365};
  std::vector<CashEntry> recorded;
  bool reversed = false;
  for (const CashEntry& entry : any.entries) {
    const absl::Status status = CheckEntry(any.receivable, recorded, entry, today);
    if (status.ok()) {
      recorded.push_back(entry);
      reversed = reversed || entry.kind == EntryKind::kReversal;
    } else {
      RC_ASSERT(entry.kind != EntryKind::kReceipt);
    }
    const auto state = ComputeLedger(any.receivable, recorded, today);
    RC_ASSERT(state.ok());
    CheckLaws(any.receivable, *state, CashOn(recorded, today));
    RC_ASSERT(reversed || state->overdrawn == 0);
  }
}

// With receipts alone and by the rule, the oldest due is paid before a later one gets anything.
RC_GTEST_PROP(LedgerProperty, OldestDueFirst, ()) {
  Case any = AnyCase(true);
  for (CashEntry& entry : any.entries) {
    entry.parts.clear();
  }
  const LedgerState state =
      *ComputeLedger(any.receivable, any.entries, absl::CivilDay() + (kStart + 400));
  for (const InstalmentStanding& a : state.instalments) {
    for (const InstalmentStanding& b : state.instalments) {
      const bool earlier = a.due && (!b.due || *a.due < *b.due);
      RC_ASSERT(!earlier || a.open() == 0 || b.paid == 0);
    }
  }
  RC_ASSERT(state.credit == std::max<int64_t>(0, state.cash - state.contract));
}

// Taking a receipt back is as if it had never been.
RC_GTEST_PROP(LedgerProperty, AReversalUndoesItsReceipt, ()) {
  Case any = AnyCase(true);
  RC_PRE(!any.entries.empty());
  const size_t at = *rc::gen::inRange<size_t>(0, any.entries.size());
  std::vector<CashEntry> without = any.entries;
  without.erase(without.begin() + static_cast<ptrdiff_t>(at));
  const CashEntry& receipt = any.entries[at];
  any.entries.push_back(
      {Id(255), EntryKind::kReversal, receipt.occurred_on, receipt.amount, {}, receipt.id});
  const absl::CivilDay today{kStart + 365};
  RC_ASSERT(*ComputeLedger(any.receivable, any.entries, today) ==
            *ComputeLedger(any.receivable, without, today));
}

}  // namespace
}  // namespace steward::orders
