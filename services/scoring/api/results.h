#pragma once
// A scorecard filled in.

#include "libs/pg/connection.h"
#include "services/scoring/api/figures.h"
#include "services/scoring/domain/sheet.h"
#include "services/scoring/storage/definition_store.h"
#include "services/scoring/storage/period_store.h"

namespace steward::scoring {

// NOT_FOUND where there is no such version; 0 = the latest.
absl::StatusOr<v1::Kpi> LoadKpi(pg::Connection& db, const std::string& name, int64_t version,
                                Duration timeout);
absl::StatusOr<v1::Scorecard> LoadCard(pg::Connection& db, const std::string& name, int64_t version,
                                       Duration timeout);

// A version of a card with the definitions that it names.
struct LoadedCard {
  v1::Scorecard proto;
  std::vector<v1::Kpi> kpis;
  std::vector<CompiledKpi> compiled;
  Scorecard card;
};
// The KPIs of a card; INVALID_ARGUMENT naming the item that names none.
absl::StatusOr<LoadedCard> LoadItems(pg::Connection& db, v1::Scorecard proto, Duration timeout);
void AddFindings(const LoadedCard& loaded, v1::Scorecard* out);

struct Asked {
  std::string subject;
  SubjectKind kind = SubjectKind::kMember;
  Period period;
  std::string state = "OPEN";  // of the period
};

// The line without weight and points.
void FillLine(const v1::Kpi& kpi, const Reading& figure, v1::ResultLine* line);
// One KPI as it stands now.
absl::StatusOr<Reading> ReadFigure(pg::Connection& db, FigureReader& reader, const v1::Kpi& kpi,
                                   const CompiledKpi& compiled, const Asked& asked,
                                   Duration timeout);
// The whole card as it stands now, in all modes.
absl::StatusOr<v1::ScorecardResult> Reckon(pg::Connection& db, const LoadedCard& loaded,
                                           const Asked& asked, Duration timeout);

}  // namespace steward::scoring
