#pragma once
// A scorecard filled in.

#include "libs/pg/connection.h"
#include "services/scoring/api/figures.h"
#include "services/scoring/domain/sheet.h"
#include "services/scoring/storage/definition_store.h"
#include "services/scoring/storage/period_store.h"

namespace steward::scoring {

// The one that was queued by QueueDefinition; NOT_FOUND where there is no such version.
absl::StatusOr<v1::Kpi> ReadKpi(const pg::Result& rows, const std::string& name);
absl::StatusOr<v1::Scorecard> ReadCard(const pg::Result& rows, const std::string& name);

// A version of a card with the definitions that it names.
struct LoadedCard {
  v1::Scorecard proto;
  std::vector<v1::Kpi> kpis;
  std::vector<CompiledKpi> compiled;
  Scorecard card;
};
// The KPIs of a card, in one round trip; INVALID_ARGUMENT naming the item that names none.
absl::StatusOr<LoadedCard> LoadItems(pg::Tx& tx, v1::Scorecard proto);
void AddFindings(const LoadedCard& loaded, v1::Scorecard* out);

// The line without weight and points.
void FillLine(const v1::Kpi& kpi, const Reading& figure, v1::ResultLine* line);
// The whole card as it stands now, in all modes; its figures are read in one round trip.
struct FilledCard {
  v1::ScorecardResult result;
  FigureReader reader;
  std::vector<Reading> readings;  // in the card's order
};
absl::StatusOr<FilledCard> Reckon(pg::Tx& tx, const LoadedCard& loaded, const Asked& asked);

}  // namespace steward::scoring
