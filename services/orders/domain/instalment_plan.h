#pragma once
// When a contract is to be paid (N-001, seed 000: a collection plan with its nodes). A plan sums
// to its contract to the minor unit; its instalments are numbered from 1 in the order of the plan.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/day.h"
#include "libs/base/money.h"

namespace steward::orders {

enum class DueEvent : int { kSigned = 1, kDelivered = 2, kAccepted = 3 };
inline constexpr std::array kDueEvents = {DueEvent::kSigned, DueEvent::kDelivered,
                                          DueEvent::kAccepted};
// `SIGNED`.
std::string_view NameOf(DueEvent event);

struct DueAfter {
  DueEvent event = DueEvent::kSigned;
  int32_t days = 0;  // calendar days after the event's date, 0 to 3,650
  friend auto operator<=>(const DueAfter&, const DueAfter&) = default;
};
using DueCondition = std::variant<absl::CivilDay, DueAfter>;
// `2026-03-31`, `30 days after DELIVERED`.
std::string FormatDue(const DueCondition& due);

struct Instalment {
  DueCondition due;
  Money amount;
  friend bool operator==(const Instalment&, const Instalment&) = default;
};
using InstalmentPlan = std::vector<Instalment>;
inline constexpr size_t kMaxInstalments = 360;
inline constexpr int32_t kMaxDaysAfter = 3'650;

// A plan is usable for a contract of `total`: not empty, at most kMaxInstalments, every amount
// above zero and in the contract's currency, no two with the same due condition (FIELD_INVALID
// naming `plan[i]`), and the amounts sum to `total`: INVALID_ARGUMENT, reason PLAN_DOES_NOT_SUM,
// metadata `total`, `sum`, `difference`. CURRENCY_MISMATCH and AMOUNT_OVERFLOW as in Money.
[[nodiscard]] absl::Status CheckPlan(const Money& total, const InstalmentPlan& plan);

struct ShareDue {
  DueCondition due;
  int64_t basis_points = 0;  // of 10,000
};
// A plan by shares: each is rounded down to the minor unit, the last takes the rest. FIELD_INVALID
// naming `plan[i].basis_points` when one is not above zero, or is too small for an amount;
// INVALID_ARGUMENT, reason SHARES_DO_NOT_SUM, metadata `sum` when they are not 10,000 together.
absl::StatusOr<InstalmentPlan> PlanByShares(const Money& total,
                                            const std::vector<ShareDue>& shares);

// What a plan waits for, as dates of the company's zone; nullopt = not yet.
struct DueEventDates {
  std::optional<absl::CivilDay> signed_on, delivered_on, accepted_on;
  friend bool operator==(const DueEventDates&, const DueEventDates&) = default;
};
// When it is due, as known on `as_of`: an event after that day has not happened yet. nullopt = not
// known. A date beyond the calendar is the calendar's last day.
std::optional<absl::CivilDay> DueDate(const DueCondition& due, const DueEventDates& dates,
                                      absl::CivilDay as_of);

}  // namespace steward::orders
