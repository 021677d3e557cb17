#include "services/orders/domain/collection.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "libs/base/status.h"

namespace steward::orders {
namespace {

// Without the receipts that were reversed by `today`, and without what had not happened by then.
std::vector<CashEntry> AsKnown(const std::vector<CashEntry>& entries, absl::CivilDay today) {
  std::set<Uuid> gone;
  for (const CashEntry& entry : entries) {
    if (entry.kind == EntryKind::kReversal && entry.occurred_on <= today) {
      gone.insert(entry.id);
      gone.insert(*entry.reverses);
    }
  }
  std::vector<CashEntry> known;
  for (const CashEntry& entry : entries) {
    if (entry.occurred_on <= today && !gone.contains(entry.id)) {
      known.push_back(entry);
    }
  }
  return known;
}

}  // namespace

std::optional<absl::CivilDay> EscalatesOn(absl::CivilDay due, OverdueAt overdue_at) {
  const auto date = AddDays(due, kEscalationDays + (overdue_at == OverdueAt::kExclusive ? 1 : 0));
  return date.ok() ? std::optional<absl::CivilDay>(*date) : std::nullopt;
}

std::vector<Escalation> Escalations(const LedgerState& ledger, OverdueAt overdue_at,
                                    absl::CivilDay today) {
  std::vector<Escalation> escalations;
  for (const InstalmentStanding& instalment : ledger.instalments) {
    const auto on = instalment.due ? EscalatesOn(*instalment.due, overdue_at) : std::nullopt;
    const bool before = on && instalment.settled_on && *instalment.settled_on < *on;
    if (on && *on <= today && !before) {
      escalations.push_back({instalment.number, *on});
    }
  }
  return escalations;
}

absl::StatusOr<Timeliness> CollectionTimeliness(const Receivable& receivable,
                                                const std::vector<CashEntry>& entries,
                                                absl::CivilDay from, absl::CivilDay to,
                                                absl::CivilDay today) {
  ASSIGN_OR_RETURN(const LedgerState now, ComputeLedger(receivable, entries, today));
  const std::vector<CashEntry> known = AsKnown(entries, today);
  std::map<absl::CivilDay, LedgerState> at_due;
  Timeliness sum;
  for (const InstalmentStanding& instalment : now.instalments) {
    if (!instalment.due || *instalment.due < from || *instalment.due > to ||
        *instalment.due >= today) {
      continue;
    }
    auto found = at_due.find(*instalment.due);
    if (found == at_due.end()) {
      ASSIGN_OR_RETURN(LedgerState then, ComputeLedger(receivable, known, *instalment.due));
      found = at_due.emplace(*instalment.due, std::move(then)).first;
    }
    const InstalmentStanding& then =
        found->second.instalments[static_cast<size_t>(instalment.number) - 1];
    const int64_t owed = then.amount - then.credited;
    if (owed > 0) {
      sum.due += owed;
      sum.due_instalments += 1;
      sum.on_time += then.paid;
      sum.on_time_instalments += then.paid == owed ? 1 : 0;
    }
  }
  return sum;
}

absl::StatusOr<PaidInTime> ComputePaidInTime(const Receivable& receivable,
                                             const std::vector<CashEntry>& entries,
                                             const LedgerState& ledger, absl::CivilDay today) {
  const std::vector<CashEntry> known = AsKnown(entries, today);
  std::map<absl::CivilDay, LedgerState> at_due;
  PaidInTime in_time;
  for (const InstalmentStanding& instalment : ledger.instalments) {
    if (!instalment.due || known.empty()) {
      continue;
    }
    auto found = at_due.find(*instalment.due);
    if (found == at_due.end()) {
      ASSIGN_OR_RETURN(LedgerState then, ComputeLedger(receivable, known, *instalment.due));
      found = at_due.emplace(*instalment.due, std::move(then)).first;
    }
    const int64_t paid = found->second.instalments[static_cast<size_t>(instalment.number) - 1].paid;
    if (paid != 0) {
      in_time[{instalment.number, *instalment.due}] = paid;
    }
  }
  return in_time;
}

std::optional<int64_t> ShareOf(int64_t part, int64_t whole) {
  if (whole <= 0) {
    return std::nullopt;
  }
  const __int128 doubled = static_cast<__int128>(part) * 20'000 + whole;
  return static_cast<int64_t>(doubled / (static_cast<__int128>(whole) * 2));
}

absl::StatusOr<Money> OverdueInterest(const Money& open, int64_t rate_basis_points, int64_t days) {
  constexpr int64_t kMostRate = 1'000'000, kMostDays = 3'650'000;
  if (open.minor < 0) {
    return FieldInvalid("open", "is not below zero");
  }
  if (rate_basis_points < 0 || rate_basis_points > kMostRate) {
    return FieldInvalid("rate_basis_points", "lies between 0 and 1,000,000");
  }
  if (days < 0 || days > kMostDays) {
    return FieldInvalid("days", "lies between 0 and 3,650,000");
  }
  constexpr __int128 kYear = __int128{10'000} * 365;
  const __int128 exact = static_cast<__int128>(open.minor) * rate_basis_points * days;
  const __int128 interest = (exact * 2 + kYear) / (kYear * 2);
  if (interest > std::numeric_limits<int64_t>::max()) {
    return Refuse(absl::StatusCode::kOutOfRange, "the interest is beyond what can be kept",
                  {"AMOUNT_OVERFLOW"});
  }
  return Money{open.currency, static_cast<int64_t>(interest)};
}

}  // namespace steward::orders
