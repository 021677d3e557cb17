#pragma once
// The chance to win as another CRM reckons it (pls_compat.h), from Steward's counted outcomes: what it would show had it counted the same
// ones anew. A team's own outcomes speak, without those of teams below it, or all together where it has none.

#include <memory>
#include <optional>
#include <string>

#include "services/scoring/domain/outcomes.h"
#include "services/scoring/domain/pls_compat.h"
#include "services/scoring/domain/win_model.h"

namespace steward::scoring {

// `settings` passed CheckSettings and choose kNaiveBayes.
std::shared_ptr<const PlsModel> MakePls(const WinSettings& settings,
                                        const OutcomeCounts::Rows& rows);

// Of an opportunity that is open in this stage. A stage that the settings do not name, and counts without any outcome, leave the default of
// the stage. Contributions are log(won / total won) - log(lost / total lost); with the prior they sum to `log_odds`.
WinChance EstimatePls(const PlsModel& model, const WinSettings& settings, const std::string& team,
                      const std::string& stage, const FeatureValues& features,
                      Decimal stage_default);

}  // namespace steward::scoring
