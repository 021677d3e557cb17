#pragma once
// Definitions between the wire and the domain.

#include "services/scoring/domain/formula.h"
#include "services/scoring/domain/kpi.h"
#include "services/scoring/domain/period.h"
#include "services/scoring/domain/roll_up.h"
#include "services/scoring/domain/scorecard.h"
#include "steward/scoring/v1/kpis.pb.h"
#include "steward/scoring/v1/scorecards.pb.h"

namespace steward::scoring {

// A KPI as it is reckoned with.
struct CompiledKpi {
  KpiDefinition definition;
  Formula formula;
  std::optional<PeriodKind> period;  // that the target is meant for
  std::optional<RollUp> roll_up;     // of longer periods
};

// INVALID_ARGUMENT naming every field at fault under `path`: an unknown measure in a formula, a number that is none, a definition that
// cannot work.
absl::StatusOr<CompiledKpi> Compile(const std::string& path, const v1::Kpi& kpi);
absl::StatusOr<Target> ParseTarget(const std::string& path, const v1::KpiTarget& target);
void ToProto(const Target& target, v1::KpiTarget* out);

// `40` or `12.5` per cent as basis points.
absl::StatusOr<std::optional<int64_t>> ParseWeight(const std::string& path,
                                                   const std::string& text);
// `kpis[i]` belongs to `card.items(i)`. Checks everything but what CheckPublishable does.
absl::StatusOr<Scorecard> CompileCard(const std::string& path, const v1::Scorecard& card,
                                      const std::vector<CompiledKpi>& kpis);

}  // namespace steward::scoring
