#include "services/leads/domain/forecast.h"

#include <algorithm>
#include <limits>
#include <map>

#include "libs/base/status.h"

namespace steward::leads {
namespace {

struct Sum {
  __int128 weighted = 0;  // minor units times basis points
  __int128 won = 0;       // minor units
  int64_t deals = 0;
};

constexpr __int128 kMaxMinor = std::numeric_limits<int64_t>::max();

absl::Status CheckDeal(const ForecastDeal& deal, size_t i) {
  const std::string field = "deals[" + std::to_string(i) + "]";
  if (deal.value.minor < 0) {
    return FieldInvalid(field + ".value", "is negative");
  }
  if (deal.win_basis_points < 0 || deal.win_basis_points > kFullBasisPoints) {
    return FieldInvalid(field + ".win_basis_points", "is not within 0 and 10000");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<ForecastLine>> Forecast(const std::vector<ForecastDeal>& deals) {
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (size_t i = 0; i < deals.size(); ++i) {
    const ForecastDeal& deal = deals[i];
    RETURN_IF_ERROR(CheckDeal(deal, i));
    if (deal.kind != StageKind::kOpen && deal.kind != StageKind::kWon) {
      continue;
    }
    const bool won = deal.kind == StageKind::kWon;
    Sum& sum = sums[{deal.period, deal.value.currency}];
    sum.weighted +=
        static_cast<__int128>(deal.value.minor) * (won ? kFullBasisPoints : deal.win_basis_points);
    sum.won += won ? deal.value.minor : 0;
    sum.deals += 1;
  }
  std::vector<ForecastLine> lines;
  for (const auto& [key, sum] : sums) {
    const __int128 rounded = (sum.weighted + kFullBasisPoints / 2) / kFullBasisPoints;
    if (rounded > kMaxMinor) {
      return Refuse(absl::StatusCode::kOutOfRange,
                    "the forecast of " + key.first + " is beyond what can be kept",
                    {"AMOUNT_OVERFLOW", {{"period", key.first}}, {}, {}});
    }
    lines.push_back({key.first,
                     {key.second, static_cast<int64_t>(rounded)},
                     {key.second, static_cast<int64_t>(sum.won)},
                     sum.deals});
  }
  return lines;
}

absl::StatusOr<Deviation> DeviationOf(const Money& baseline, const Money& actual,
                                      const DeviationRule& rule) {
  if (baseline.currency != actual.currency) {
    return Refuse(
        absl::StatusCode::kInvalidArgument,
        "amounts in " + baseline.currency + " and " + actual.currency + " do not go together",
        {"CURRENCY_MISMATCH",
         {{"currency", baseline.currency}, {"other", actual.currency}},
         {},
         {}});
  }
  if (baseline.minor < 0) {
    return FieldInvalid("baseline", "is negative");
  }
  if (rule.threshold_basis_points < 0) {
    return FieldInvalid("threshold_basis_points", "is negative");
  }
  const __int128 gap = static_cast<__int128>(actual.minor) - baseline.minor;
  const bool watched = gap < 0   ? rule.side != DeviationSide::kAbove
                       : gap > 0 ? rule.side != DeviationSide::kBelow
                                 : false;
  Deviation deviation;
  if (baseline.minor == 0) {
    deviation.warns = watched;
    deviation.reason = watched ? kNoBaseline : std::string_view();
    return deviation;
  }
  const __int128 size = gap < 0 ? -gap : gap;
  deviation.warns = watched && size * kFullBasisPoints > static_cast<__int128>(baseline.minor) *
                                                             rule.threshold_basis_points;
  deviation.reason = deviation.warns ? kAboveThreshold : std::string_view();
  const __int128 shown = gap * kFullBasisPoints / baseline.minor;
  deviation.basis_points = static_cast<int64_t>(
      std::clamp<__int128>(shown, std::numeric_limits<int64_t>::min(), kMaxMinor));
  return deviation;
}

}  // namespace steward::leads
