#include "services/scoring/domain/pls_win.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace steward::scoring {
namespace {

constexpr char kPlsStage[] = "stage_id";
constexpr char kMissing[] = "False";
constexpr char kCompany[] = "company";

using Counts = std::map<FeatureValue, Tally>;

PlsRow RowOf(const Tally& count) { return {10 * count.won + 1, 10 * count.lost + 1}; }

Tally CountOf(const PlsFactor& factor) {
  return {(factor.row.won - factor.teams) / 10, (factor.row.lost - factor.teams) / 10};
}

// A row is there once something was counted in it.
void Put(PlsModel& model, const std::string& team, const std::string& variable,
         const std::string& value, const Tally& count) {
  if (count != Tally{}) {
    model.Overwrite(team.empty() ? std::nullopt : std::optional(team), variable, value,
                    RowOf(count));
  }
}

void PutStages(PlsModel& model, const WinSettings& settings, const std::string& team,
               const Counts& counts, const Tally& all) {
  Tally count{all.won, 0};
  for (auto stage = settings.stages.rbegin(); stage != settings.stages.rend(); ++stage) {
    const auto found = counts.find({kStageVariable, *stage});
    count.lost += found == counts.end() ? 0 : found->second.lost;
    Put(model, team, kPlsStage, *stage, count);
  }
}

void PutFeatures(PlsModel& model, const WinSettings& settings, const std::string& team,
                 const Counts& counts, const Tally& all) {
  for (const std::string& feature : settings.features) {
    std::map<std::string, Tally> values;
    Tally missing = all;
    for (auto at = counts.lower_bound({feature, ""});
         at != counts.end() && at->first.variable == feature; ++at) {
      values[at->first.value] = at->second;
      missing.won -= at->second.won;
      missing.lost -= at->second.lost;
    }
    if (std::find(settings.count_missing.begin(), settings.count_missing.end(), feature) !=
        settings.count_missing.end()) {
      // A value counted more often than the leads leaves none that lack it.
      values[kMissing].won += std::max<int64_t>(missing.won, 0);
      values[kMissing].lost += std::max<int64_t>(missing.lost, 0);
    }
    for (const auto& [value, count] : values) {
      Put(model, team, feature, value, count);
    }
  }
}

Decimal Log(const PlsRow& row) {
  const double odds = static_cast<double>(row.won) / static_cast<double>(row.lost);
  return {std::llround(std::log(odds) * static_cast<double>(kDecimalScale))};
}

}  // namespace

std::shared_ptr<const PlsModel> MakePls(const WinSettings& settings,
                                        const OutcomeCounts::Rows& rows) {
  PlsModel::Config config;
  for (const std::string& stage : settings.stages) {
    config.stages.push_back({stage, static_cast<int64_t>(config.stages.size()), false});
  }
  config.fields = settings.features;
  config.null_counts.insert(settings.count_missing.begin(), settings.count_missing.end());
  const auto model = std::make_shared<PlsModel>(std::move(config));
  std::map<std::string, Counts> teams;
  for (const auto& [key, count] : rows) {
    teams[key.first][key.second] = count;
  }
  for (const auto& [team, counts] : teams) {
    const auto all = counts.find({"", ""});
    if (all != counts.end()) {
      PutStages(*model, settings, team, counts, all->second);
      PutFeatures(*model, settings, team, counts, all->second);
    }
  }
  model->Settle();
  return model;
}

WinChance EstimatePls(const PlsModel& model, const WinSettings& settings, const std::string& team,
                      const std::string& stage, const FeatureValues& features,
                      Decimal stage_default) {
  PlsLead lead;
  lead.team = team.empty() ? std::nullopt : std::optional(team);
  lead.stage = stage;
  for (const FeatureValue& feature : features) {
    lead.fields[feature.variable] = feature.value;
  }
  WinChance chance;
  chance.percent = stage_default;
  const bool known =
      std::find(settings.stages.begin(), settings.stages.end(), stage) != settings.stages.end();
  const std::optional<PlsTrace> trace = known ? model.Trace(lead) : std::nullopt;
  if (!trace) {
    return chance;
  }
  chance.basis = WinChance::Basis::kScope;
  chance.scope = trace->of_team ? team : kCompany;
  chance.sample = CountOf(trace->prior);
  chance.prior_log_odds = Log(trace->prior.row);
  chance.log_odds = chance.prior_log_odds;
  for (const PlsFactor& factor : trace->factors) {
    const Decimal log_odds{Log(factor.row).scaled - Log(factor.total).scaled};
    const bool is_stage = factor.variable == kPlsStage;
    chance.contributions.push_back(
        {{is_stage ? kStageVariable : factor.variable, factor.value}, CountOf(factor), log_odds});
    chance.log_odds.scaled += log_odds.scaled;
  }
  std::stable_sort(chance.contributions.begin(), chance.contributions.end(),
                   [](const WinContribution& a, const WinContribution& b) {
                     return std::llabs(a.log_odds.scaled) > std::llabs(b.log_odds.scaled);
                   });
  chance.percent = {std::llround(trace->percent * 100) * (kDecimalScale / 100)};
  return chance;
}

}  // namespace steward::scoring
