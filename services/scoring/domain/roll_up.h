#pragma once
// A KPI over several periods, such as the months of a quarter (K10). Both ways are in use and give different pay, so the way is
// named by the KPI's version: targets 200 and 100 with actuals 100 and 100 are 66.67 or 75.00.

#include <vector>

#include "services/scoring/domain/attain.h"

namespace steward::scoring {

enum class RollUp { kRatioOfSums, kMeanOfRatios };
std::string_view NameOf(RollUp roll_up);  // `ratio_of_sums`
absl::StatusOr<RollUp> ParseRollUp(std::string_view field, std::string_view name);

// Whether values over several periods add up, so that ratio_of_sums has a meaning.
bool Summable(const KpiDefinition& kpi);

struct PeriodFigure {
  Actual actual;
  std::optional<Target> target;
};

// ratio_of_sums attains the sum of actuals against the sum of targets; mean_of_ratios is the mean of the periods' figures as shown.
// A period in which the KPI does not apply is left out; one that is missing makes the whole missing, in the state of the first such
// period. No period: NOT_MEASURED. The result bears the events of all periods; that of mean_of_ratios has no value of its own.
// INVALID_ARGUMENT, reason NOT_SUMMABLE, for ratio_of_sums of a rate or of a kind that does not measure against a target by ratio.
absl::StatusOr<Attainment> AttainOver(const KpiDefinition& kpi, RollUp roll_up,
                                      const std::vector<PeriodFigure>& periods);

}  // namespace steward::scoring
