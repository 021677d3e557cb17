#pragma once
// The sales forecast, and the early warning when it and what happens lie too far apart (THR-001,
// seed 000: 对偏差超10%的项目启动预警机制).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/money.h"
#include "services/leads/domain/pipeline.h"

namespace steward::leads {

struct ForecastDeal {
  std::string period;  // in which it is expected to close; the caller's key
  StageKind kind = StageKind::kOpen;
  Money value;               // not negative
  int win_basis_points = 0;  // 0 to 10,000; of an open one
};

struct ForecastLine {
  std::string period;
  Money weighted;  // open ones by their probability, won ones in full
  Money won;       // of that
  int64_t deals = 0;
  friend bool operator==(const ForecastLine&, const ForecastLine&) = default;
};

// One line for each period and currency, in that order. Lost and dormant deals count nothing
// whatever their value and probability, and make no line. A line is rounded once, half up, to the
// minor unit. INVALID_ARGUMENT naming `deals[i].value` or `deals[i].win_basis_points`;
// OUT_OF_RANGE AMOUNT_OVERFLOW.
absl::StatusOr<std::vector<ForecastLine>> Forecast(const std::vector<ForecastDeal>& deals);

// Which side warns; the seed leaves it open.
enum class DeviationSide { kBoth, kBelow, kAbove };
struct DeviationRule {
  int threshold_basis_points = 1'000;  // 10 %
  DeviationSide side = DeviationSide::kBoth;
};

inline constexpr std::string_view kNoBaseline = "NO_BASELINE";
inline constexpr std::string_view kAboveThreshold = "ABOVE_THRESHOLD";

struct Deviation {
  bool warns = false;
  std::string reason;  // why it warns
  // (actual - baseline) / baseline, towards zero; unset = the baseline is zero. For people: the
  // decision is exact.
  std::optional<int64_t> basis_points;
  friend bool operator==(const Deviation&, const Deviation&) = default;
};

// Warns when |actual - baseline| / baseline is strictly greater than the threshold. Something
// against a baseline of zero warns, by side; nothing against nothing does not. The baseline is a
// frozen forecast or a target. INVALID_ARGUMENT: CURRENCY_MISMATCH, or FIELD_INVALID naming
// `baseline` (negative) or `threshold_basis_points` (negative).
absl::StatusOr<Deviation> DeviationOf(const Money& baseline, const Money& actual,
                                      const DeviationRule& rule);

}  // namespace steward::leads
