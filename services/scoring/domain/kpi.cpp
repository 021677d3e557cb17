#include "services/scoring/domain/kpi.h"

#include <array>
#include <utility>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

template <class Enum>
using Names = std::pair<Enum, std::string_view>;

constexpr std::array kKinds = {
    Names<Kind>{Kind::kHigher, "higher"}, Names<Kind>{Kind::kLower, "lower"},
    Names<Kind>{Kind::kBand, "band"},     Names<Kind>{Kind::kDeduct, "deduct"},
    Names<Kind>{Kind::kVeto, "veto"},     Names<Kind>{Kind::kManual, "manual"},
};
constexpr std::array kMethods = {
    Names<Method>{Method::kNone, "none"},
    Names<Method>{Method::kRatio, "ratio"},
    Names<Method>{Method::kWorstBest, "worst_best"},
    Names<Method>{Method::kTwoMinusRatio, "two_minus_ratio"},
    Names<Method>{Method::kAllOrNothing, "all_or_nothing"},
    Names<Method>{Method::kTargetOverActual, "target_over_actual"},
    Names<Method>{Method::kBaselineProgress, "baseline_progress"},
};
constexpr std::array kPolicies = {
    Names<MissingPolicy>{MissingPolicy::kBlockClose, "block_close"},
    Names<MissingPolicy>{MissingPolicy::kRenormalise, "renormalise"},
    Names<MissingPolicy>{MissingPolicy::kZero, "zero"},
};
constexpr std::array kDirections = {
    Names<Direction>{Direction::kHigherIsBetter, "higher_is_better"},
    Names<Direction>{Direction::kLowerIsBetter, "lower_is_better"},
    Names<Direction>{Direction::kWithinBand, "within_band"},
};
constexpr std::array kScopes = {
    Names<VetoScope>{VetoScope::kItem, "item"},
    Names<VetoScope>{VetoScope::kCard, "card"},
};

template <class Enum, size_t N>
std::string_view Find(const std::array<Names<Enum>, N>& names, Enum value) {
  for (const auto& [each, name] : names) {
    if (each == value) {
      return name;
    }
  }
  return "";
}

template <class Enum, size_t N>
absl::StatusOr<Enum> Parse(const std::array<Names<Enum>, N>& names, std::string_view field,
                           std::string_view wanted) {
  std::string known;
  for (const auto& [each, name] : names) {
    if (name == wanted) {
      return each;
    }
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  return FieldInvalid(field, "is one of " + known);
}

// Gathers the faults of one definition.
class Faults {
 public:
  explicit Faults(std::string_view path) : path_(path) {}
  void Add(std::string_view field, std::string_view description) {
    found_.push_back({path_ + "." + std::string(field), std::string(description)});
  }
  void AddIf(bool wrong, std::string_view field, std::string_view description) {
    if (wrong) {
      Add(field, description);
    }
  }
  absl::Status Status() { return found_.empty() ? absl::OkStatus() : FieldsInvalid(found_); }

 private:
  std::string path_;
  std::vector<FieldViolation> found_;
};

bool Reckons(Kind kind) { return kind == Kind::kHigher || kind == Kind::kLower; }

bool Allowed(Kind kind, Method method) {
  switch (method) {
    case Method::kNone:
      return true;
    case Method::kRatio:
      return kind == Kind::kHigher;
    case Method::kTwoMinusRatio:
    case Method::kTargetOverActual:
      return kind == Kind::kLower;
    case Method::kWorstBest:
    case Method::kAllOrNothing:
    case Method::kBaselineProgress:
      return Reckons(kind);
  }
  return false;
}

void CheckMethod(const KpiDefinition& kpi, Faults& faults) {
  if (!Allowed(kpi.kind, kpi.method)) {
    faults.Add("method", "`" + std::string(NameOf(kpi.method)) + "` does not go with kind `" +
                             std::string(NameOf(kpi.kind)) + "`");
    return;
  }
  if (kpi.method == Method::kWorstBest) {
    faults.AddIf(!kpi.worst, "worst", "is needed by worst_best");
    faults.AddIf(!kpi.best, "best", "is needed by worst_best");
    if (kpi.worst && kpi.best) {
      faults.AddIf(*kpi.worst == *kpi.best, "worst", "equals `best`; there is nothing between");
      faults.AddIf(
          *kpi.worst != *kpi.best && (*kpi.worst < *kpi.best) != (kpi.kind == Kind::kHigher),
          "worst", "lies on the wrong side of `best` for this kind");
    }
  } else {
    faults.AddIf(kpi.worst.has_value(), "worst", "belongs to worst_best");
    faults.AddIf(kpi.best.has_value(), "best", "belongs to worst_best");
  }
  const bool progress = kpi.method == Method::kBaselineProgress;
  faults.AddIf(progress && !kpi.baseline, "baseline", "is needed by baseline_progress");
  faults.AddIf(!progress && kpi.baseline, "baseline", "belongs to baseline_progress");
}

void CheckBands(const KpiDefinition& kpi, Faults& faults) {
  const std::vector<Band>& bands = kpi.bands;
  faults.AddIf(kpi.kind != Kind::kBand && !bands.empty(), "bands", "belong to kind `band`");
  for (size_t i = 0; i < bands.size(); ++i) {
    const std::string at = "bands[" + std::to_string(i) + "]";
    const bool last = i + 1 == bands.size();
    faults.AddIf(i == 0 && bands[i].from, at + ".from", "the first band has no lower end");
    faults.AddIf(last && bands[i].to, at + ".to", "the last band has no upper end");
    faults.AddIf(i > 0 && !bands[i].from, at + ".from", "only the first band has no lower end");
    faults.AddIf(!last && !bands[i].to, at + ".to", "only the last band has no upper end");
    if (i > 0 && bands[i].from && bands[i - 1].to) {
      faults.AddIf(*bands[i].from > *bands[i - 1].to, at + ".from",
                   "leaves a gap: the band before ends at " + FormatDecimal(*bands[i - 1].to));
      faults.AddIf(*bands[i].from < *bands[i - 1].to, at + ".from",
                   "overlaps: the band before ends at " + FormatDecimal(*bands[i - 1].to));
    }
    faults.AddIf(bands[i].from && bands[i].to && *bands[i].from >= *bands[i].to, at + ".to",
                 "is not above `from`");
    faults.AddIf(bands[i].percent < kpi.floor || bands[i].percent > kpi.cap, at + ".percent",
                 "lies between floor and cap");
  }
}

void CheckMarks(const KpiDefinition& kpi, Faults& faults) {
  const bool deduct = kpi.kind == Kind::kDeduct;
  const bool marked = deduct || kpi.kind == Kind::kManual;
  const Decimal zero;
  faults.AddIf(marked && !kpi.full_marks, "full_marks", "is needed by this kind");
  faults.AddIf(!marked && kpi.full_marks, "full_marks", "belongs to kinds `deduct` and `manual`");
  faults.AddIf(kpi.full_marks && *kpi.full_marks <= zero, "full_marks", "is above zero");
  faults.AddIf(deduct && !kpi.per_occurrence, "per_occurrence", "is needed by kind `deduct`");
  faults.AddIf(!deduct && kpi.per_occurrence, "per_occurrence", "belongs to kind `deduct`");
  faults.AddIf(kpi.per_occurrence && *kpi.per_occurrence <= zero, "per_occurrence",
               "is above zero");
  faults.AddIf(kpi.veto_scope != VetoScope::kItem && kpi.kind != Kind::kVeto, "veto_scope",
               "belongs to kind `veto`");
}

void CheckLimits(const KpiDefinition& kpi, Faults& faults) {
  const Decimal zero;
  faults.AddIf(kpi.floor < zero, "floor", "is not below zero");
  faults.AddIf(kpi.cap <= zero || kpi.cap > Whole(1'000), "cap", "lies above 0 and up to 1000");
  faults.AddIf(kpi.floor > kpi.cap, "floor", "is above `cap`");
  if (kpi.threshold) {
    faults.AddIf(*kpi.threshold <= zero || *kpi.threshold > kpi.cap, "threshold",
                 "lies above 0 and up to `cap`");
    faults.AddIf(kpi.floor > zero, "threshold", "contradicts `floor`: below it an item earns 0");
  }
}

void CheckDirection(const KpiDefinition& kpi, Faults& faults) {
  faults.AddIf(kpi.kind == Kind::kHigher && kpi.direction != Direction::kHigherIsBetter,
               "direction", "of kind `higher` is higher_is_better");
  faults.AddIf(kpi.kind == Kind::kManual && kpi.direction != Direction::kHigherIsBetter,
               "direction", "of kind `manual` is higher_is_better");
  const bool less =
      kpi.kind == Kind::kLower || kpi.kind == Kind::kDeduct || kpi.kind == Kind::kVeto;
  faults.AddIf(less && kpi.direction != Direction::kLowerIsBetter, "direction",
               "of kind `" + std::string(NameOf(kpi.kind)) + "` is lower_is_better");
}

// What is wrong with the target, or "".
std::string TargetFault(const KpiDefinition& kpi, const Target& target) {
  if (target.upper && kpi.direction != Direction::kWithinBand) {
    return "has an upper end, which goes with within_band alone";
  }
  if (!target.upper && kpi.direction == Direction::kWithinBand) {
    return "needs both ends, since met means within";
  }
  if (target.upper && *target.upper < target.value) {
    return "has its upper end below the lower";
  }
  if (kpi.method == Method::kBaselineProgress && kpi.baseline) {
    if (target.value == *kpi.baseline) {
      return "equals the baseline; there is no progress to measure";
    }
    if ((target.value > *kpi.baseline) != (kpi.kind == Kind::kHigher)) {
      return "lies on the wrong side of the baseline for this kind";
    }
  }
  const bool divides = kpi.method == Method::kRatio || kpi.method == Method::kTwoMinusRatio ||
                       kpi.method == Method::kTargetOverActual;
  if ((divides || kpi.kind == Kind::kVeto) && target.value < Decimal{}) {
    return "is negative";
  }
  return "";
}

}  // namespace

std::string_view NameOf(Kind kind) { return Find(kKinds, kind); }
std::string_view NameOf(Method method) { return Find(kMethods, method); }
std::string_view NameOf(MissingPolicy policy) { return Find(kPolicies, policy); }
std::string_view NameOf(Direction direction) { return Find(kDirections, direction); }
std::string_view NameOf(VetoScope scope) { return Find(kScopes, scope); }

absl::StatusOr<Kind> ParseKind(std::string_view field, std::string_view name) {
  return Parse(kKinds, field, name);
}
absl::StatusOr<Method> ParseMethod(std::string_view field, std::string_view name) {
  return Parse(kMethods, field, name);
}
absl::StatusOr<MissingPolicy> ParseMissingPolicy(std::string_view field, std::string_view name) {
  return Parse(kPolicies, field, name);
}
absl::StatusOr<Direction> ParseDirection(std::string_view field, std::string_view name) {
  return Parse(kDirections, field, name);
}
absl::StatusOr<VetoScope> ParseVetoScope(std::string_view field, std::string_view name) {
  return Parse(kScopes, field, name);
}

absl::Status CheckDefinition(std::string_view path, const KpiDefinition& kpi) {
  Faults faults(path);
  faults.AddIf(kpi.id.empty(), "id", "is needed");
  faults.AddIf(kpi.version < 1, "version", "counts from 1");
  CheckDirection(kpi, faults);
  CheckMethod(kpi, faults);
  CheckBands(kpi, faults);
  CheckMarks(kpi, faults);
  CheckLimits(kpi, faults);
  if (kpi.target) {
    const std::string fault = TargetFault(kpi, *kpi.target);
    faults.AddIf(!fault.empty(), "target", fault);
  }
  return faults.Status();
}

absl::Status CheckTarget(std::string_view field, const KpiDefinition& kpi, const Target& target) {
  const std::string fault = TargetFault(kpi, target);
  return fault.empty() ? absl::OkStatus() : FieldInvalid(field, fault);
}

bool HasCurve(const KpiDefinition& kpi) {
  switch (kpi.kind) {
    case Kind::kHigher:
    case Kind::kLower:
      return kpi.method != Method::kNone;
    case Kind::kBand:
      return !kpi.bands.empty();
    default:
      return true;
  }
}

bool NeedsTarget(const KpiDefinition& kpi) {
  return Reckons(kpi.kind) && kpi.method != Method::kNone && kpi.method != Method::kWorstBest;
}

}  // namespace steward::scoring
