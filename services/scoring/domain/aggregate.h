#pragma once
// A timeliness KPI from the results of clocks (K7). No source says how many results make one figure, so the way is part of the KPI's
// version.

#include <optional>
#include <string_view>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "services/scoring/domain/decimal.h"

namespace steward::scoring {

struct ClockResult {
  enum class Verdict { kMet, kMissed, kOpen, kCancelled };
  Uuid clock;
  Verdict verdict = Verdict::kOpen;
  Duration
      elapsed;  // charged time up to the stop; of a missed clock that still runs, up to the instant asked about
};

enum class Aggregation {
  kShareWithin,  // per cent of decided clocks that were met
  kMean,         // of elapsed time, in hours
  kPercentile,   // nearest rank, in hours
  kWorst,        // the longest, in hours
};
std::string_view NameOf(Aggregation aggregation);  // `share_within`
absl::StatusOr<Aggregation> ParseAggregation(std::string_view field, std::string_view name);

struct Aggregate {
  std::optional<Decimal>
      value;                 // six places; none when no clock is decided: NOT_MEASURED, never 100 %
  std::vector<Uuid> clocks;  // that were counted, in order of their ids
  size_t open = 0;           // neither met nor missed yet; not counted
  size_t cancelled = 0;      // not counted
};

// `percentile` in 1..100, for kPercentile alone: INVALID_ARGUMENT naming it. A clock given twice counts once; INVALID_ARGUMENT
// naming `clocks` when the two differ, or for negative time. The order of the results does not matter.
absl::StatusOr<Aggregate> AggregateClocks(Aggregation aggregation, int percentile,
                                          std::vector<ClockResult> results);

}  // namespace steward::scoring
