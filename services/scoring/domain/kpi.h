#pragma once
// What a version of a KPI says (K1, K3): how a value becomes per cent of full marks. The method is part of the version: one value
// gives 0, 80, 75 or 50 by methods that are all in use. A definition that cannot work is refused with the field at fault.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/scoring/domain/decimal.h"

namespace steward::scoring {

// K1.
enum class Kind { kHigher, kLower, kBand, kDeduct, kVeto, kManual };
// How `higher` and `lower` reckon; a = actual, t = target.
enum class Method {
  kNone,              // no curve is set: value, target, met or not met are shown, no points (K2)
  kRatio,             // higher: a / t
  kWorstBest,         // (worst - a) / (worst - best), within 0..1
  kTwoMinusRatio,     // lower: 2 - a / t
  kAllOrNothing,      // 1 when met, else 0
  kTargetOverActual,  // lower: t / a
  kBaselineProgress,  // (a - baseline) / (t - baseline)
};
enum class MissingPolicy { kBlockClose, kRenormalise, kZero };  // K6
enum class Direction { kHigherIsBetter, kLowerIsBetter, kWithinBand };
enum class VetoScope { kItem, kCard };

// Names as in data: `higher`, `worst_best`, `block_close`, `within_band`, `card`. The Parse functions refuse an unknown name,
// INVALID_ARGUMENT naming `field` and listing the known ones.
std::string_view NameOf(Kind kind);
std::string_view NameOf(Method method);
std::string_view NameOf(MissingPolicy policy);
std::string_view NameOf(Direction direction);
std::string_view NameOf(VetoScope scope);
absl::StatusOr<Kind> ParseKind(std::string_view field, std::string_view name);
absl::StatusOr<Method> ParseMethod(std::string_view field, std::string_view name);
absl::StatusOr<MissingPolicy> ParseMissingPolicy(std::string_view field, std::string_view name);
absl::StatusOr<Direction> ParseDirection(std::string_view field, std::string_view name);
absl::StatusOr<VetoScope> ParseVetoScope(std::string_view field, std::string_view name);

// In the unit of the KPI. `upper` only with direction within_band: met between the two, ends included.
struct Target {
  Decimal value;
  std::optional<Decimal> upper;
  friend bool operator==(const Target&, const Target&) = default;
};

// Values from `from` up to but not including `to` earn `percent`. Values have six places, so "up to and including 5" is 5.000001.
struct Band {
  std::optional<Decimal> from, to;  // only the first lacks `from`, only the last lacks `to`
  Decimal percent;
};

struct KpiDefinition {
  std::string id;
  int64_t version = 1;
  Kind kind = Kind::kHigher;
  Direction direction = Direction::kHigherIsBetter;
  Method method = Method::kNone;          // of `higher` and `lower` alone
  std::optional<Target> target;           // none: a member's or team's own target, or no target
  std::optional<Decimal> worst, best;     // worst_best
  std::optional<Decimal> baseline;        // baseline_progress
  std::vector<Band> bands;                // band, in order; none = no curve (K2)
  std::optional<Decimal> full_marks;      // deduct: what is lost from; manual: the best rating
  std::optional<Decimal> per_occurrence;  // deduct
  VetoScope veto_scope =
      VetoScope::kItem;  // veto: a value above the target (0 without one) is a breach
  // Per cent of full marks, applied in this order before weighting (K3): below the threshold is 0; not under the floor, not over
  // the cap. An item without its own cap is capped at 100, so none pays for another by default.
  std::optional<Decimal> threshold;
  Decimal floor;
  Decimal cap = Whole(100);
  MissingPolicy missing = MissingPolicy::kBlockClose;
  bool rate = false;  // a rate is neither prorated (K8) nor summed (K10)
};

// INVALID_ARGUMENT; fields are named under `path`, for example `kpi.worst`. All faults are named at once.
absl::Status CheckDefinition(std::string_view path, const KpiDefinition& kpi);
// Whether `target` can serve this definition: INVALID_ARGUMENT naming `field`.
absl::Status CheckTarget(std::string_view field, const KpiDefinition& kpi, const Target& target);

// No points can come of it until a new version sets a curve (K2).
bool HasCurve(const KpiDefinition& kpi);
// The method measures against a target.
bool NeedsTarget(const KpiDefinition& kpi);

}  // namespace steward::scoring
