#include "services/scoring/domain/part.h"

#include <set>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr int64_t kWhole = 10'000;

absl::StatusOr<Decimal> PartOf(Decimal whole, const Eligibility& eligibility) {
  ASSIGN_OR_RETURN(const Ratio part, MakeRatio(eligibility.days, eligibility.of_period));
  ASSIGN_OR_RETURN(const Ratio value, Times(ToRatio(whole), part));
  return Round(value, 6);
}

}  // namespace

absl::StatusOr<Target> Prorate(const KpiDefinition& kpi, const Target& target,
                               const Eligibility& eligibility) {
  if (eligibility.days <= 0 || eligibility.days > eligibility.of_period) {
    return FieldInvalid("eligibility", "needs at least one day and no more than the period has, " +
                                           std::to_string(eligibility.of_period));
  }
  if (kpi.rate || kpi.kind == Kind::kManual || kpi.method == Method::kWorstBest ||
      kpi.method == Method::kBaselineProgress) {
    return target;
  }
  Target part;
  ASSIGN_OR_RETURN(part.value, PartOf(target.value, eligibility));
  if (target.upper) {
    ASSIGN_OR_RETURN(part.upper, PartOf(*target.upper, eligibility));
  }
  return part;
}

absl::Status CheckParts(const std::vector<PartCard>& parts, int64_t days_of_period) {
  std::set<std::string> seen;
  int64_t left = days_of_period;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string path = "parts[" + std::to_string(i) + "]";
    if (!seen.insert(parts[i].scorecard).second) {
      return FieldInvalid(path + ".scorecard", "has a part already; its days go together");
    }
    if (parts[i].days <= 0) {
      return FieldInvalid(path + ".days", "is at least one");
    }
    if (parts[i].days > left) {
      return FieldInvalid(path + ".days", "the parts have more days than the period, " +
                                              std::to_string(days_of_period));
    }
    left -= parts[i].days;
  }
  return absl::OkStatus();
}

absl::Status CheckShares(const std::vector<CreditShare>& shares) {
  std::set<std::string> seen;
  int64_t sum = 0;
  for (size_t i = 0; i < shares.size(); ++i) {
    const std::string path = "credits[" + std::to_string(i) + "]";
    if (shares[i].member.empty() || !seen.insert(shares[i].member).second) {
      return FieldInvalid(path + ".member", "is needed, and each member has one share");
    }
    if (shares[i].basis_points <= 0 || shares[i].basis_points > kWhole) {
      return FieldInvalid(path + ".basis_points", "lies between 1 and 10000");
    }
    sum += shares[i].basis_points;
  }
  if (sum != kWhole) {
    return FieldInvalid("credits",
                        "the shares sum to " + FormatDecimal({sum * 10'000}) + " %, not to 100 %");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Money>> Credit(const Money& whole,
                                          const std::vector<CreditShare>& shares) {
  RETURN_IF_ERROR(CheckShares(shares));
  std::vector<int64_t> weights;
  for (const CreditShare& share : shares) {
    weights.push_back(share.basis_points);
  }
  return Split(whole, weights);
}

}  // namespace steward::scoring
