#include "services/scoring/domain/roll_up.h"

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

// The first that is neither scored nor out of scope decides.
std::optional<State> MissingState(const std::vector<Attainment>& periods) {
  for (const Attainment& period : periods) {
    if (period.state != State::kScored && period.state != State::kNotApplicable) {
      return period.state;
    }
  }
  return std::nullopt;
}

absl::StatusOr<Attainment> OfSums(const KpiDefinition& kpi,
                                  const std::vector<PeriodFigure>& periods) {
  Decimal actual;
  Decimal target;
  std::vector<Uuid> events;
  for (const PeriodFigure& period : periods) {
    if (!period.actual.value) {
      continue;  // does not apply
    }
    const std::optional<Target>& own = period.target ? period.target : kpi.target;
    ASSIGN_OR_RETURN(actual, Add(actual, *period.actual.value));
    ASSIGN_OR_RETURN(target, Add(target, own->value));
    events.insert(events.end(), period.actual.events.begin(), period.actual.events.end());
  }
  return Attain(kpi, {actual, State::kNotMeasured, {}, std::move(events)}, Target{target, {}});
}

absl::StatusOr<Attainment> MeanOf(const std::vector<Attainment>& periods) {
  Attainment mean;
  Ratio sum;
  int64_t count = 0;
  for (const Attainment& period : periods) {
    if (period.state == State::kScored) {
      ASSIGN_OR_RETURN(sum, Plus(sum, ToRatio(*period.percent)));
      ++count;
      std::vector<Uuid>& events = mean.actual.events;
      events.insert(events.end(), period.actual.events.begin(), period.actual.events.end());
    }
  }
  mean.state = State::kScored;
  ASSIGN_OR_RETURN(mean.exact, Over(sum, {count, 1}));
  ASSIGN_OR_RETURN(mean.percent, Figure(*mean.exact));
  return mean;
}

}  // namespace

bool Summable(const KpiDefinition& kpi) {
  return !kpi.rate && NeedsTarget(kpi) && kpi.method != Method::kBaselineProgress;
}

std::string_view NameOf(RollUp roll_up) {
  return roll_up == RollUp::kRatioOfSums ? "ratio_of_sums" : "mean_of_ratios";
}

absl::StatusOr<RollUp> ParseRollUp(std::string_view field, std::string_view name) {
  for (const RollUp roll_up : {RollUp::kRatioOfSums, RollUp::kMeanOfRatios}) {
    if (NameOf(roll_up) == name) {
      return roll_up;
    }
  }
  return FieldInvalid(field, "is one of ratio_of_sums, mean_of_ratios");
}

absl::StatusOr<Attainment> AttainOver(const KpiDefinition& kpi, RollUp roll_up,
                                      const std::vector<PeriodFigure>& periods) {
  if (roll_up == RollUp::kRatioOfSums && !Summable(kpi)) {
    return Refuse(absl::StatusCode::kInvalidArgument,
                  "the values of `" + kpi.id + "` do not add up; roll up by mean_of_ratios",
                  {"NOT_SUMMABLE", {{"kpi", kpi.id}}});
  }
  std::vector<Attainment> attained;
  bool scored = false;
  bool vetoed = false;
  for (const PeriodFigure& period : periods) {
    ASSIGN_OR_RETURN(Attainment one, Attain(kpi, period.actual, period.target));
    // A month with target zero still counts in the sum.
    if (roll_up == RollUp::kRatioOfSums && one.state == State::kNoTarget && one.target) {
      one.state = State::kScored;
    }
    scored = scored || one.state == State::kScored;
    vetoed = vetoed || one.vetoes_card;
    attained.push_back(std::move(one));
  }
  Attainment none;
  if (const std::optional<State> missing = MissingState(attained)) {
    none.state = *missing;
    return none;
  }
  if (!scored) {
    none.state = periods.empty() ? State::kNotMeasured : State::kNotApplicable;
    return none;
  }
  if (roll_up == RollUp::kRatioOfSums) {
    return OfSums(kpi, periods);
  }
  ASSIGN_OR_RETURN(Attainment mean, MeanOf(attained));
  mean.vetoes_card = vetoed;
  return mean;
}

}  // namespace steward::scoring
