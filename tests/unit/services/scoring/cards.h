#pragma once
// Short forms for definitions, cards and values.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "services/scoring/domain/sheet.h"

namespace steward::scoring::testing {

inline Decimal Of(std::string_view text) { return ParseDecimal("value", text).value(); }
inline Target At(std::string_view text) { return {Of(text), {}}; }

inline KpiDefinition Kpi(Kind kind, Method method = Method::kNone) {
  KpiDefinition kpi;
  kpi.id = "k";
  kpi.kind = kind;
  kpi.method = method;
  kpi.direction = kind == Kind::kLower || kind == Kind::kDeduct || kind == Kind::kVeto
                      ? Direction::kLowerIsBetter
                      : Direction::kHigherIsBetter;
  return kpi;
}
inline KpiDefinition Named(std::string id, KpiDefinition kpi) {
  kpi.id = std::move(id);
  return kpi;
}
inline KpiDefinition WorstBest(Kind kind, std::string_view worst, std::string_view best) {
  KpiDefinition kpi = Kpi(kind, Method::kWorstBest);
  kpi.worst = Of(worst);
  kpi.best = Of(best);
  return kpi;
}
inline KpiDefinition Baseline(Kind kind, std::string_view baseline) {
  KpiDefinition kpi = Kpi(kind, Method::kBaselineProgress);
  kpi.baseline = Of(baseline);
  return kpi;
}
inline KpiDefinition Rated(std::string_view full_marks) {
  KpiDefinition kpi = Kpi(Kind::kManual);
  kpi.full_marks = Of(full_marks);
  return kpi;
}

inline Actual Value(Decimal value) { return {value, State::kNotMeasured, {}, {}}; }
inline Actual Value(std::string_view text) { return Value(Of(text)); }
inline Actual ByHand(std::string_view text) {
  return {Of(text),
          State::kNotMeasured,
          Rating{"members/lead-1", Time{1'800'000'000'000'000}, "minutes"},
          {}};
}
inline Actual Absent(State state) { return {{}, state, {}, {}}; }

// The figure, or the state when there is none.
inline std::string Shown(const absl::StatusOr<Attainment>& attainment) {
  if (!attainment.ok()) {
    return ReasonOf(attainment.status());
  }
  return attainment->percent ? FormatFigure(*attainment->percent)
                             : std::string(NameOf(attainment->state));
}
inline std::string Shown(const std::optional<Decimal>& figure) {
  return figure ? FormatFigure(*figure) : "none";
}
// What an item earned that already stands at this many per cent.
inline Attainment Scored(Decimal percent) {
  Attainment attainment;
  attainment.state = State::kScored;
  attainment.exact = ToRatio(percent);
  attainment.percent = percent;
  return attainment;
}
inline Attainment Missing(State state = State::kNotMeasured) {
  Attainment attainment;
  attainment.state = state;
  return attainment;
}

// Items `k0`, `k1` ... of kind manual with these weights in basis points.
inline Scorecard Card(const std::vector<int64_t>& weights,
                      MissingPolicy missing = MissingPolicy::kBlockClose) {
  Scorecard card{"card", 1, Mode::kNormalise, {}};
  for (size_t i = 0; i < weights.size(); ++i) {
    card.items.push_back({Named("k" + std::to_string(i), Rated("100")), weights[i], false});
    card.items.back().kpi.missing = missing;
  }
  return card;
}

// The fields that a refusal names, comma separated.
inline std::string FieldsOf(const absl::Status& status) {
  std::string fields;
  if (const auto refusal = RefusalOf(status)) {
    for (const FieldViolation& each : refusal->fields) {
      fields += (fields.empty() ? "" : ",") + each.field;
    }
  }
  return fields;
}

}  // namespace steward::scoring::testing
