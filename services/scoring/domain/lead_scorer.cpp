#include "services/scoring/domain/lead_scorer.h"

#include <algorithm>

#include "libs/base/status.h"

namespace steward::scoring {

LeadScorer::LeadScorer(ScoringModel model, WinScopes scopes, LeadDictionary& dictionary)
    : model_(std::move(model)),
      scopes_(std::move(scopes)),
      dictionary_(dictionary),
      kernel_(model_.points, dictionary) {}

LeadScorer::Chance& LeadScorer::ChanceOf(uint32_t team) {
  const auto [place, added] = chances_.try_emplace(team);
  if (added) {
    const std::vector<Scope> scopes = scopes_.Of(dictionary_.teams.texts()[team]);
    if (const Scope* speaks = SpeakingScope(scopes_.counts(), scopes, model_.win, nullptr);
        speaks != nullptr) {
      Chance& chance = place->second;
      chance.teams = speaks->teams;
      chance.sample = scopes_.counts().Of(speaks->teams);
      chance.prior = PriorLogOdds(chance.sample).scaled;
      chance.tables.assign(kRecordFeatures, {0});
    }
  }
  return place->second;
}

std::optional<Decimal> LeadScorer::WinOf(const LeadBatch& batch, size_t lead, Chance& chance) {
  if (chance.teams.empty()) {
    const LeadBatch::Open open = batch.OpenOf(lead);
    return open.any ? std::optional(Decimal{int64_t{open.win_basis_points} * 10'000})
                    : std::nullopt;
  }
  int64_t log_odds = chance.prior;
  for (size_t column = 0; column < kRecordFeatures; ++column) {
    std::vector<int64_t>& table = chance.tables[column];
    const std::vector<std::string>& values = dictionary_.ValuesOf(column);
    for (size_t code = table.size(); code < values.size(); ++code) {
      const FeatureValue feature{std::string(RecordFeatureName(column)), values[code]};
      const Tally count = scopes_.counts().Of(chance.teams, feature);
      table.push_back(Contribute(chance.sample, count, feature, model_.win).log_odds.scaled);
    }
    log_odds += table[batch.CodeOf(column, lead)];
  }
  return WinPercent({log_odds});
}

void LeadScorer::WinByNaiveBayes(const LeadBatch& batch, size_t lead, ScoredLead& score) const {
  const LeadBatch::Open open = batch.OpenOf(lead);
  if (!open.any || scopes_.naive_bayes() == nullptr) {
    return;
  }
  FeatureValues features;
  for (size_t column = 0; column < kRecordFeatures; ++column) {
    if (const Code code = batch.CodeOf(column, lead); code != kAbsent) {
      features.insert({std::string(RecordFeatureName(column)), dictionary_.ValuesOf(column)[code]});
    }
  }
  const WinChance chance =
      EstimatePls(*scopes_.naive_bayes(), model_.win, dictionary_.teams.texts()[batch.TeamOf(lead)],
                  dictionary_.stages.texts()[open.stage], features,
                  Decimal{int64_t{open.win_basis_points} * 10'000});
  score.win = chance.percent;
  score.win_of_scope = chance.basis == WinChance::Basis::kScope;
}

absl::StatusOr<std::vector<ScoredLead>> LeadScorer::Score(const LeadBatch& batch, Time day_start) {
  std::vector<Time> at(batch.size(), day_start);
  std::vector<Decimal> points(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    if (const auto events = batch.EventsOf(i); !events.empty()) {
      at[i] = std::max(day_start, events.back().at);
    }
  }
  RETURN_IF_ERROR(kernel_.Score(batch, at, points));
  std::vector<ScoredLead> scores(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    ScoredLead& score = scores[i];
    const std::span<const LeadBatch::Event> events = batch.EventsOf(i);
    score.score = points[i];
    score.band = BandOf(model_, points[i]);
    if (model_.win.method == WinMethod::kNaiveBayes) {
      WinByNaiveBayes(batch, i, score);
    } else {
      Chance& chance = ChanceOf(batch.TeamOf(i));
      score.win = WinOf(batch, i, chance);
      score.win_of_scope = !chance.teams.empty();
    }
    score.feature_hash = batch.HashOf(i);
    score.as_of = at[i];
    score.event_count = static_cast<int>(events.size());
    if (!events.empty()) {
      score.last_event = events.back().id;
    }
  }
  return scores;
}

}  // namespace steward::scoring
