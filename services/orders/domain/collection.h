#pragma once
// What follows from age: the escalation of REC-001 and the timeliness of collection (K-002-SA-3).

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/orders/domain/ledger.h"

namespace steward::orders {

// REC-001, seed 000: overdue by 30 days or more. The words include the 30th day; an agreement may
// exclude it.
enum class OverdueAt : int { kInclusive = 1, kExclusive = 2 };
inline constexpr int32_t kEscalationDays = 30;

// The date at whose 00:00 in the company's zone an instalment escalates when it is not settled
// before: due date + 30 days, or + 31. nullopt beyond the calendar.
std::optional<absl::CivilDay> EscalatesOn(absl::CivilDay due, OverdueAt overdue_at);

struct Escalation {
  int64_t instalment = 0;
  absl::CivilDay on;
  friend bool operator==(const Escalation&, const Escalation&) = default;
};
// Every instalment whose date has come and that was not settled before it: the answer does not
// depend on when, or how often, one asks. `ledger` is that of `today`.
std::vector<Escalation> Escalations(const LedgerState& ledger, OverdueAt overdue_at,
                                    absl::CivilDay today);

// Over the instalments that fell due from `from` to `to`, both included, and whose due date is over.
// Minor units of the contract's currency.
struct Timeliness {
  int64_t due = 0, due_instalments = 0;  // less credit notes up to the due date
  int64_t on_time = 0,
          on_time_instalments = 0;  // cash up to the due date; instalments paid in full
  friend bool operator==(const Timeliness&, const Timeliness&) = default;
};
// What is known `today` counts: a receipt that was reversed since was not in time. An instalment
// that was credited in full before it was due is not counted. Refusals of ComputeLedger.
absl::StatusOr<Timeliness> CollectionTimeliness(const Receivable& receivable,
                                                const std::vector<CashEntry>& entries,
                                                absl::CivilDay from, absl::CivilDay to,
                                                absl::CivilDay today);
// What was paid of an instalment by the end of its due date: by number and due date. As of `today`, of due dates to come too; a receipt
// that was reversed since was not in time. `ledger` is that of `today`. Refusals of ComputeLedger.
using PaidInTime = std::map<std::pair<int64_t, absl::CivilDay>, int64_t>;
absl::StatusOr<PaidInTime> ComputePaidInTime(const Receivable& receivable,
                                             const std::vector<CashEntry>& entries,
                                             const LedgerState& ledger, absl::CivilDay today);
// `part` of `whole` in basis points, half up; nullopt when nothing was due. Both are not negative.
std::optional<int64_t> ShareOf(int64_t part, int64_t whole);

// Simple interest for `days` of 365, half up to the minor unit. No seed gives a rate: nothing is
// charged by itself. FIELD_INVALID for a negative amount, rate (basis points a year) or number of
// days; AMOUNT_OVERFLOW.
absl::StatusOr<Money> OverdueInterest(const Money& open, int64_t rate_basis_points, int64_t days);

}  // namespace steward::orders
