#pragma once
// Parts of a whole: a member who was there for part of a period (K8), and a sale that several brought about (K9).

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/money.h"
#include "services/scoring/domain/kpi.h"

namespace steward::scoring {

// Working days (make-up days count) that a member was eligible in a role, of those of the period.
struct Eligibility {
  int64_t days = 0;
  int64_t of_period = 0;
};

// target * days / of_period, six places half up; the target of a rate, and of a method with its own scale, stays (K8).
// INVALID_ARGUMENT naming `eligibility` unless 0 < days <= of_period.
absl::StatusOr<Target> Prorate(const KpiDefinition& kpi, const Target& target,
                               const Eligibility& eligibility);

// One card of a member over part of a period. Two roles give two cards, shown side by side: no rule says how they make one figure.
struct PartCard {
  std::string scorecard;
  int64_t days = 0;
};
// INVALID_ARGUMENT naming `parts[1].days`: a part without days, a card twice, more days together than the period has.
absl::Status CheckParts(const std::vector<PartCard>& parts, int64_t days_of_period);

struct CreditShare {
  std::string member;  // members/{id}
  int64_t basis_points = 0;
};
// Shares sum to exactly 100 %, each is above zero, each member has one. INVALID_ARGUMENT naming `credits`; the sum is said.
absl::Status CheckShares(const std::vector<CreditShare>& shares);
// What each is credited with; together the whole to the last minor unit, so nobody is credited the whole of a shared sale.
absl::StatusOr<std::vector<Money>> Credit(const Money& whole,
                                          const std::vector<CreditShare>& shares);

}  // namespace steward::scoring
