#pragma once
// A scorecard filled in: points of each item, their total, and what the total could still become (K3, K5, K6, K11).

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "services/scoring/domain/attain.h"
#include "services/scoring/domain/scorecard.h"

namespace steward::scoring {

// What became of an item in the total.
enum class Treatment {
  kCounted,
  kZero,  // missing, counts as 0 (policy zero)
  kLeftOut,  // its weight is shared out among the others: missing under renormalise, not applicable, no curve
  kBlocks,  // missing under block_close: the card has no total until the value is there
};

struct Line {
  std::string kpi;
  int64_t kpi_version = 0;
  Attainment attainment;
  std::optional<int64_t> weight;  // as printed, basis points
  Treatment treatment = Treatment::kLeftOut;
  std::optional<Decimal>
      weight_used;  // per cent, six places; those of a normalised card sum to exactly 100
  std::optional<Decimal>
      points;  // the figure shown: rounded once from exact attainment and exact weight
};

struct Sheet {
  Mode mode = Mode::kNormalise;
  std::vector<Line> lines;  // in the card's order
  std::optional<Decimal>
      total;  // the sum of the points shown; none when unweighted, blocked or nothing counts
  std::optional<Decimal> lowest,
      highest;  // where the total ends once every missing value is there, under any policy (K6)
  std::vector<std::string> missing;   // KPIs without points that could still get them
  std::vector<std::string> blocking;  // of these, those that keep the card from closing
  std::string vetoed_by;              // the KPI whose breach set every figure to 0
};

// `attainments[i]` belongs to `card.items[i]`; the card passed CheckPublishable. An item that does not apply, or has no curve, is
// never missing: it has nothing to wait for. Bonus items in core_plus_bonus are never shared out.
// INVALID_ARGUMENT when the numbers differ; OUT_OF_RANGE VALUE_OVERFLOW.
absl::StatusOr<Sheet> FillIn(const Scorecard& card, Mode mode,
                             const std::vector<Attainment>& attainments);
// In every mode: normalise, raw, core_plus_bonus.
absl::StatusOr<std::array<Sheet, 3>> FillInAll(const Scorecard& card,
                                               const std::vector<Attainment>& attainments);

}  // namespace steward::scoring
