#pragma once
// The chance that an open opportunity is won, from counted outcomes: the rate of a scope, moved by each feature of the opportunity.
// It speaks only above a minimum sample; below it the parent scope does, and at last the default of the stage.

#include <optional>
#include <string>
#include <vector>

#include "services/scoring/domain/decimal.h"
#include "services/scoring/domain/outcomes.h"

namespace steward::scoring {

// The model here, or that of pls_win.h.
enum class WinMethod { kShrunkRate, kNaiveBayes };

struct WinSettings {
  int64_t least_won = 50, least_lost = 50;  // outcomes that a scope needs; at least 1 each
  Decimal weight_of_prior =
      Whole(5);  // k: how many outcomes the scope's rate counts for beside those of a feature
  WinMethod method = WinMethod::kShrunkRate;
  // Of kNaiveBayes alone: open stages in order, features that count, and those of them whose absence counts as a value.
  std::vector<std::string> stages = {}, features = {}, count_missing = {};
};
// INVALID_ARGUMENT naming `settings.least_won` and the like.
absl::Status CheckSettings(const WinSettings& settings);

// A team and what is below it. The nearest comes first, then its parents, at last everything.
struct Scope {
  std::string name;
  std::vector<std::string> teams;
};

// How far a feature moves the log odds: log(r / (1 - r)) - log(prior / (1 - prior)) with r = (won + k * prior) / (n + k). A value
// never seen moves nothing, and one seen once little.
struct WinContribution {
  FeatureValue feature;
  Tally count;
  Decimal log_odds;  // six places
  friend bool operator==(const WinContribution&, const WinContribution&) = default;
};

struct WinChance {
  enum class Basis { kScope, kStageDefault };
  Basis basis = Basis::kStageDefault;
  Decimal percent;                     // two places, 0.01 to 99.99; the stage's default as given
  std::string scope;                   // the one that spoke
  std::vector<std::string> too_small;  // nearer scopes below the minimum sample
  Tally sample;                        // of the scope
  Decimal prior_log_odds;              // log(won / lost)
  std::vector<WinContribution>
      contributions;  // strongest first; with the prior they sum to `log_odds`
  Decimal log_odds;   // percent = 100 / (1 + e^-log_odds)
};

// The first scope with a large enough sample; null = none. Those before it are added to `too_small`, which may be null.
const Scope* SpeakingScope(const OutcomeCounts& counts, const std::vector<Scope>& scopes,
                           const WinSettings& settings, std::vector<std::string>* too_small);
// log(won / lost) of the scope's sample, which has both.
Decimal PriorLogOdds(const Tally& sample);
WinContribution Contribute(const Tally& sample, const Tally& count, const FeatureValue& feature,
                           const WinSettings& settings);
// Two places, 0.01 to 99.99.
Decimal WinPercent(Decimal log_odds);

// `settings` passed CheckSettings. Counts first, scores after: what is not in `counts` does not count.
WinChance EstimateWin(const OutcomeCounts& counts, const std::vector<Scope>& scopes,
                      const FeatureValues& features, Decimal stage_default,
                      const WinSettings& settings);

}  // namespace steward::scoring
