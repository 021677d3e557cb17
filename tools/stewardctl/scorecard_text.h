#pragma once
// Scorecards and explained figures as people read them, in English and Chinese.

#include <string>

#include "steward/scoring/v1/scorecards_service.pb.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {

// `language` is `en` or `zh`; a name that lacks it is shown in the other one, or as its id.
// What, whose and when; a row for each KPI; the total in each mode with its bounds; what is missing, and from where.
std::string CardText(const steward::scoring::v1::ScorecardResult& card, const std::string& language,
                     bool color);
// One row a KPI, and one for the total in each mode: for spreadsheets.
std::string CardCsv(const steward::scoring::v1::ScorecardResult& card, const std::string& language);
// Value, formula and version, its parts, then the measurements or facts with their event ids.
std::string ExplainText(const steward::scoring::v1::ExplainKpiResponse& explained,
                        const std::string& language, bool color);
// The card, then each of its KPIs so, with the first facts and how many there are.
std::string ExplainText(const steward::scoring::v1::ExplainScorecardResponse& explained,
                        const std::string& language, bool color);

}  // namespace stewardctl
