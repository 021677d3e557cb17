#include "services/scoring/domain/win_model.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "services/scoring/domain/lead_record.h"

namespace steward::scoring {
namespace {

constexpr Decimal kLeast{10'000};     // 0.01 %
constexpr Decimal kMost{99'990'000};  // 99.99 %

// Of a number that is finite and small, at a step of 10^-6.
int64_t Scaled(double value) { return std::llround(value * static_cast<double>(kDecimalScale)); }

}  // namespace

Decimal WinPercent(Decimal log_odds) {
  const double odds = static_cast<double>(log_odds.scaled) / static_cast<double>(kDecimalScale);
  const int64_t hundredths = std::llround(10'000 / (1 + std::exp(-odds)));
  return std::clamp(Decimal{hundredths * 10'000}, kLeast, kMost);
}

Decimal PriorLogOdds(const Tally& sample) {
  return {Scaled(std::log(static_cast<double>(sample.won) / static_cast<double>(sample.lost)))};
}

// r / (1 - r) is (won + k * prior) / (lost + k * (1 - prior)): never zero, whatever the counts.
WinContribution Contribute(const Tally& sample, const Tally& count, const FeatureValue& feature,
                           const WinSettings& settings) {
  const double k =
      static_cast<double>(settings.weight_of_prior.scaled) / static_cast<double>(kDecimalScale);
  const double prior =
      static_cast<double>(sample.won) / static_cast<double>(sample.won + sample.lost);
  const double rest =
      static_cast<double>(sample.lost) / static_cast<double>(sample.won + sample.lost);
  const double odds =
      (static_cast<double>(count.won) + k * prior) / (static_cast<double>(count.lost) + k * rest);
  const bool seen = count.won + count.lost > 0;
  return {feature, count, {seen ? Scaled(std::log(odds) - std::log(prior / rest)) : 0}};
}

const Scope* SpeakingScope(const OutcomeCounts& counts, const std::vector<Scope>& scopes,
                           const WinSettings& settings, std::vector<std::string>* too_small) {
  for (const Scope& scope : scopes) {
    const Tally sample = counts.Of(scope.teams);
    if (sample.won >= settings.least_won && sample.lost >= settings.least_lost) {
      return &scope;
    }
    if (too_small != nullptr) {
      too_small->push_back(scope.name);
    }
  }
  return nullptr;
}

namespace {

// Each named once; `of` empty = any.
void CheckList(const char* field, const std::vector<std::string>& list,
               const std::vector<std::string>& of, std::vector<FieldViolation>& faults) {
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string path = std::string("settings.") + field + "[" + std::to_string(i) + "]";
    const auto here = list.begin() + static_cast<std::ptrdiff_t>(i);
    if (list[i].empty() || std::find(list.begin(), here, list[i]) != here) {
      faults.push_back({path, "is needed and named once"});
    } else if (!of.empty() && !Contains(of, list[i])) {
      faults.push_back({path, "is not one of " + Join(of)});
    }
  }
}

absl::Status CheckLists(const WinSettings& settings) {
  std::vector<FieldViolation> faults;
  if (settings.method == WinMethod::kNaiveBayes) {
    if (settings.stages.empty()) {
      faults.push_back({"settings.stages", "are the open stages of the pipeline, in order"});
    }
    CheckList("stages", settings.stages, {}, faults);
    CheckList("features", settings.features, WinFeatureNames(), faults);
    if (settings.features.empty() && !settings.count_missing.empty()) {
      faults.push_back({"settings.count_missing", "are some of `features`"});
    } else {
      CheckList("count_missing", settings.count_missing, settings.features, faults);
    }
  } else {
    for (const auto& [field, list] :
         {std::pair("stages", &settings.stages), std::pair("features", &settings.features),
          std::pair("count_missing", &settings.count_missing)}) {
      if (!list->empty()) {
        faults.push_back({std::string("settings.") + field, "belong to the method `naive_bayes`"});
      }
    }
  }
  return faults.empty() ? absl::OkStatus() : FieldsInvalid(std::move(faults));
}

}  // namespace

absl::Status CheckSettings(const WinSettings& settings) {
  std::vector<FieldViolation> faults;
  if (settings.least_won < 1) {
    faults.push_back({"settings.least_won", "is at least 1"});
  }
  if (settings.least_lost < 1) {
    faults.push_back({"settings.least_lost", "is at least 1"});
  }
  if (settings.weight_of_prior < Decimal{kDecimalScale / 100} ||
      settings.weight_of_prior > Whole(1'000'000)) {
    faults.push_back({"settings.weight_of_prior", "lies between 0.01 and 1000000"});
  }
  return faults.empty() ? CheckLists(settings) : FieldsInvalid(std::move(faults));
}

WinChance EstimateWin(const OutcomeCounts& counts, const std::vector<Scope>& scopes,
                      const FeatureValues& features, Decimal stage_default,
                      const WinSettings& settings) {
  WinChance chance;
  chance.percent = stage_default;
  const Scope* speaks = SpeakingScope(counts, scopes, settings, &chance.too_small);
  if (speaks == nullptr) {
    return chance;
  }
  chance.basis = WinChance::Basis::kScope;
  chance.scope = speaks->name;
  chance.sample = counts.Of(speaks->teams);
  chance.prior_log_odds = PriorLogOdds(chance.sample);
  chance.log_odds = chance.prior_log_odds;
  for (const FeatureValue& feature : features) {
    chance.contributions.push_back(
        Contribute(chance.sample, counts.Of(speaks->teams, feature), feature, settings));
    chance.log_odds.scaled += chance.contributions.back().log_odds.scaled;
  }
  std::stable_sort(chance.contributions.begin(), chance.contributions.end(),
                   [](const WinContribution& a, const WinContribution& b) {
                     return std::llabs(a.log_odds.scaled) > std::llabs(b.log_odds.scaled);
                   });
  chance.percent = WinPercent(chance.log_odds);
  return chance;
}

}  // namespace steward::scoring
