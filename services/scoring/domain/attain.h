#pragma once
// What a measured value earns under a definition (K1 to K4, K6): per cent of full marks, exact, and the figure that is shown.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "services/scoring/domain/kpi.h"

namespace steward::scoring {

// Missing is a state, never a number (K6); all but SCORED are shown as "not scored".
enum class State {
  kScored,
  kNotMeasured,
  kNotApplicable,  // the KPI does not concern this subject
  kPending,        // the value is still to come
  kNoTarget,       // measured, but there is nothing to measure against (K4)
  kNoCurve,        // measured; this version gives no points (K2)
};
std::string_view NameOf(State state);  // `NOT_MEASURED`

// Who gave a manual value, when and from what.
struct Rating {
  std::string rater;  // members/{id}
  Time rated_at;
  std::string evidence;
};

// A measurement of a KPI over a period. Without a value `absent` says why: NOT_MEASURED, NOT_APPLICABLE or PENDING.
struct Actual {
  std::optional<Decimal> value;
  State absent = State::kNotMeasured;
  std::optional<Rating> rating;  // kind manual
  std::vector<Uuid> events;      // what it was reckoned from (K12)
};

struct Attainment {
  State state = State::kNotMeasured;
  std::optional<Ratio> exact;      // per cent after threshold, floor and cap; with SCORED alone
  std::optional<Decimal> percent;  // the same as shown: two places
  std::optional<bool> met;         // the value reaches the target; none without value or target
  Actual actual;                   // as given: value, rating, events (K12)
  std::optional<Target> target;    // the one that was used
  bool capped = false;             // the cap took something away
  bool below_threshold = false;
  bool vetoes_card = false;
};

// `target` is the subject's own; without it the definition's counts. `kpi` has passed CheckDefinition.
// K4: target zero gives NO_TARGET for `higher`; for `lower` by ratio 100 when the actual is zero (or below), else 0.
// INVALID_ARGUMENT naming `target`, `actual` or `rating` (a manual value needs rater, time and evidence, and lies in 0..full_marks;
// occurrences are not negative); OUT_OF_RANGE VALUE_OVERFLOW.
absl::StatusOr<Attainment> Attain(const KpiDefinition& kpi, const Actual& actual,
                                  const std::optional<Target>& target);

// What a missing value of this KPI could still earn, in per cent: between these two (K6).
Decimal LowestPercent(const KpiDefinition& kpi);
Decimal HighestPercent(const KpiDefinition& kpi);

}  // namespace steward::scoring
