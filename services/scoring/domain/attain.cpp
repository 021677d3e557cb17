#include "services/scoring/domain/attain.h"

#include <algorithm>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr Ratio kHundred{100, 1};

bool Met(const KpiDefinition& kpi, Decimal value, const Target& target) {
  switch (kpi.direction) {
    case Direction::kHigherIsBetter:
      return value >= target.value;
    case Direction::kLowerIsBetter:
      return value <= target.value;
    case Direction::kWithinBand:
      return value >= target.value && value <= target.upper.value_or(target.value);
  }
  return false;
}

// 100 * (a - from) / (to - from)
absl::StatusOr<Ratio> Between(Decimal value, Decimal from, Decimal to) {
  const __int128 part = static_cast<__int128>(value.scaled) - from.scaled;
  const __int128 whole = static_cast<__int128>(to.scaled) - from.scaled;
  return MakeRatio(100 * part, whole);
}

// 100 * a / b
absl::StatusOr<Ratio> Share(Decimal a, Decimal b) {
  return MakeRatio(static_cast<__int128>(a.scaled) * 100, b.scaled);
}

// `higher` and `lower`; nullopt = NO_TARGET.
absl::StatusOr<std::optional<Ratio>> Reckon(const KpiDefinition& kpi, Decimal value,
                                            const std::optional<Target>& target) {
  if (kpi.method == Method::kWorstBest) {
    ASSIGN_OR_RETURN(const Ratio inside,
                     Between(kpi.kind == Kind::kHigher ? std::clamp(value, *kpi.worst, *kpi.best)
                                                       : std::clamp(value, *kpi.best, *kpi.worst),
                             *kpi.worst, *kpi.best));
    return inside;
  }
  if (!target) {
    return std::nullopt;
  }
  const Decimal t = target->value;
  const bool zero = t == Decimal{};
  if (kpi.method == Method::kBaselineProgress) {
    ASSIGN_OR_RETURN(const Ratio progress, Between(value, *kpi.baseline, t));
    return progress;
  }
  if (zero && kpi.kind == Kind::kHigher) {
    return std::nullopt;
  }
  if (kpi.method == Method::kAllOrNothing) {
    return Met(kpi, value, *target) ? kHundred : Ratio{};
  }
  if (zero) {
    return value <= Decimal{} ? kHundred : Ratio{};
  }
  if (kpi.method == Method::kTargetOverActual) {
    // Less than nothing cannot be divided by; it is as good as can be.
    if (value <= Decimal{}) {
      return ToRatio(kpi.cap);
    }
    ASSIGN_OR_RETURN(const Ratio share, Share(t, value));
    return share;
  }
  ASSIGN_OR_RETURN(const Ratio share, Share(value, t));
  if (kpi.method == Method::kRatio) {
    return share;
  }
  ASSIGN_OR_RETURN(const Ratio rest, Minus({200, 1}, share));
  return rest;
}

Ratio OfBand(const KpiDefinition& kpi, Decimal value) {
  for (const Band& band : kpi.bands) {
    if (!band.to || value < *band.to) {
      return ToRatio(band.percent);
    }
  }
  return {};  // not reached: the last band has no upper end
}

absl::StatusOr<Ratio> Deducted(const KpiDefinition& kpi, Decimal occurrences) {
  if (occurrences < Decimal{}) {
    return FieldInvalid("actual", "a number of occurrences is not negative");
  }
  ASSIGN_OR_RETURN(const Ratio lost, Times(ToRatio(*kpi.per_occurrence), ToRatio(occurrences)));
  ASSIGN_OR_RETURN(const Ratio left, Minus(ToRatio(*kpi.full_marks), lost));
  ASSIGN_OR_RETURN(const Ratio share, Over(left, ToRatio(*kpi.full_marks)));
  return Times(share, kHundred);
}

absl::StatusOr<Ratio> Rated(const KpiDefinition& kpi, const Actual& actual) {
  if (!actual.rating || actual.rating->rater.empty() || actual.rating->evidence.empty() ||
      actual.rating->rated_at <= kEpoch) {
    return FieldInvalid("rating", "a manual value needs its rater, time and evidence");
  }
  if (*actual.value < Decimal{} || *actual.value > *kpi.full_marks) {
    return FieldInvalid("actual", "a rating lies between 0 and " + FormatDecimal(*kpi.full_marks));
  }
  return Share(*actual.value, *kpi.full_marks);
}

absl::StatusOr<std::optional<Ratio>> Raw(const KpiDefinition& kpi, const Actual& actual,
                                         Attainment& attainment) {
  const Decimal value = *actual.value;
  switch (kpi.kind) {
    case Kind::kHigher:
    case Kind::kLower:
      return Reckon(kpi, value, attainment.target);
    case Kind::kBand:
      return OfBand(kpi, value);
    case Kind::kDeduct: {
      ASSIGN_OR_RETURN(const Ratio left, Deducted(kpi, value));
      return left;
    }
    case Kind::kVeto: {
      const bool breach = value > (attainment.target ? attainment.target->value : Decimal{});
      attainment.vetoes_card = breach && kpi.veto_scope == VetoScope::kCard;
      return breach ? Ratio{} : kHundred;
    }
    case Kind::kManual: {
      ASSIGN_OR_RETURN(const Ratio rated, Rated(kpi, actual));
      return rated;
    }
  }
  return std::nullopt;
}

// K3: threshold, floor, cap.
absl::Status Limit(const KpiDefinition& kpi, Ratio raw, Attainment& attainment) {
  if (kpi.threshold) {
    ASSIGN_OR_RETURN(attainment.below_threshold, Less(raw, ToRatio(*kpi.threshold)));
  }
  ASSIGN_OR_RETURN(const bool low, Less(raw, ToRatio(kpi.floor)));
  ASSIGN_OR_RETURN(attainment.capped, Less(ToRatio(kpi.cap), raw));
  attainment.exact = attainment.below_threshold ? Ratio{}
                     : low                      ? ToRatio(kpi.floor)
                     : attainment.capped        ? ToRatio(kpi.cap)
                                                : raw;
  ASSIGN_OR_RETURN(attainment.percent, Figure(*attainment.exact));
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(State state) {
  switch (state) {
    case State::kScored:
      return "SCORED";
    case State::kNotMeasured:
      return "NOT_MEASURED";
    case State::kNotApplicable:
      return "NOT_APPLICABLE";
    case State::kPending:
      return "PENDING";
    case State::kNoTarget:
      return "NO_TARGET";
    case State::kNoCurve:
      return "NO_CURVE";
  }
  return "";
}

absl::StatusOr<Attainment> Attain(const KpiDefinition& kpi, const Actual& actual,
                                  const std::optional<Target>& target) {
  Attainment attainment;
  attainment.actual = actual;
  attainment.target = target ? target : kpi.target;
  if (attainment.target) {
    RETURN_IF_ERROR(CheckTarget("target", kpi, *attainment.target));
  }
  if (!actual.value) {
    if (actual.absent != State::kNotMeasured && actual.absent != State::kNotApplicable &&
        actual.absent != State::kPending) {
      return FieldInvalid("actual",
                          "without a value it is not measured, not applicable or pending");
    }
    attainment.state = actual.absent;
    return attainment;
  }
  if (attainment.target) {
    attainment.met = Met(kpi, *actual.value, *attainment.target);
  }
  if (!HasCurve(kpi)) {
    attainment.state = State::kNoCurve;
    return attainment;
  }
  ASSIGN_OR_RETURN(const std::optional<Ratio> raw, Raw(kpi, actual, attainment));
  if (!raw) {
    attainment.state = State::kNoTarget;
    return attainment;
  }
  attainment.state = State::kScored;
  RETURN_IF_ERROR(Limit(kpi, *raw, attainment));
  return attainment;
}

Decimal LowestPercent(const KpiDefinition& kpi) {
  if (kpi.kind != Kind::kBand || kpi.threshold || kpi.bands.empty()) {
    return kpi.floor;
  }
  return std::min_element(kpi.bands.begin(), kpi.bands.end(),
                          [](const Band& a, const Band& b) { return a.percent < b.percent; })
      ->percent;
}

Decimal HighestPercent(const KpiDefinition& kpi) {
  switch (kpi.kind) {
    case Kind::kHigher:
    case Kind::kLower:
      return kpi.method == Method::kWorstBest || kpi.method == Method::kAllOrNothing
                 ? std::min(kpi.cap, std::max(kpi.floor, Whole(100)))
                 : kpi.cap;
    case Kind::kBand:
      return kpi.bands.empty() ? kpi.cap
                               : std::max_element(kpi.bands.begin(), kpi.bands.end(),
                                                  [](const Band& a, const Band& b) {
                                                    return a.percent < b.percent;
                                                  })
                                     ->percent;
    default:
      return std::min(kpi.cap, std::max(kpi.floor, Whole(100)));
  }
}

}  // namespace steward::scoring
