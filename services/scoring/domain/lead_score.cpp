#include "services/scoring/domain/lead_score.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr char kCompany[] = "company";

void Gather(const absl::Status& status, std::vector<FieldViolation>& faults,
            const std::string& prefix = "") {
  if (const std::optional<Refusal> refusal = RefusalOf(status); refusal) {
    for (const FieldViolation& field : refusal->fields) {
      faults.push_back({prefix + field.field, field.description});
    }
  }
}

std::optional<WinChance> WinOf(const ScoringModel& model, const WinScopes& scopes,
                               const LeadFacts& facts) {
  const LeadOpportunity* open = OpenOpportunity(facts.opportunities);
  const std::string& team = open != nullptr && !open->team.empty() ? open->team : facts.record.team;
  const Decimal stage_default{open == nullptr ? 0 : int64_t{open->win_basis_points} * 10'000};
  if (model.win.method == WinMethod::kNaiveBayes) {
    // A lead that is no opportunity yet is in no stage.
    return open == nullptr || scopes.naive_bayes() == nullptr
               ? std::nullopt
               : std::optional(EstimatePls(*scopes.naive_bayes(), model.win, team, open->stage,
                                           WinFeaturesOf(facts.record), stage_default));
  }
  WinChance chance = EstimateWin(scopes.counts(), scopes.Of(team), WinFeaturesOf(facts.record),
                                 stage_default, model.win);
  if (chance.basis == WinChance::Basis::kStageDefault && open == nullptr) {
    return std::nullopt;
  }
  return chance;
}

}  // namespace

const LeadOpportunity* OpenOpportunity(const std::vector<LeadOpportunity>& opportunities) {
  const LeadOpportunity* found = nullptr;
  for (const LeadOpportunity& one : opportunities) {
    if (!one.closed && (found == nullptr || one.opportunity < found->opportunity)) {
      found = &one;
    }
  }
  return found;
}

absl::Status CheckScoringModel(const ScoringModel& model) {
  std::vector<FieldViolation> faults;
  Gather(CheckModel(model.points), faults);
  if (model.win.method == WinMethod::kNaiveBayes) {  // which may be all that the model is for
    std::erase_if(faults,
                  [](const FieldViolation& fault) { return fault.field == "model.events"; });
  }
  for (size_t i = 0; i < model.points.features.size(); ++i) {
    Gather(CheckFeature("model.features[" + std::to_string(i) + "].feature",
                        model.points.features[i].feature),
           faults);
  }
  std::set<std::string> ids;
  std::set<Decimal> from;
  for (size_t i = 0; i < model.bands.size(); ++i) {
    const std::string path = "model.bands[" + std::to_string(i) + "]";
    if (model.bands[i].id.empty() || !ids.insert(model.bands[i].id).second) {
      faults.push_back({path + ".id", "is needed and stands for one band"});
    }
    if (!from.insert(model.bands[i].least).second) {
      faults.push_back({path + ".least", "is where another band begins"});
    }
  }
  if (absl::Status status = CheckSettings(model.win); !status.ok()) {
    std::vector<FieldViolation> settings;
    Gather(status, settings);
    for (FieldViolation& field : settings) {
      field.field = "model.win" + field.field.substr(std::string("settings").size());
      faults.push_back(std::move(field));
    }
  }
  return faults.empty() ? absl::OkStatus() : FieldsInvalid(std::move(faults));
}

std::string BandOf(const ScoringModel& model, Decimal score) {
  const ScoreBand* found = nullptr;
  for (const ScoreBand& band : model.bands) {
    if (band.least <= score && (found == nullptr || found->least < band.least)) {
      found = &band;
    }
  }
  return found == nullptr ? "" : found->id;
}

WinScopes::WinScopes(const OutcomeCounts::Rows& rows,
                     const std::map<std::string, std::string>& parents,
                     const WinSettings* naive_bayes)
    : parents_(parents) {
  if (naive_bayes != nullptr) {
    naive_bayes_ = MakePls(*naive_bayes, rows);
  }
  OutcomeCounts::Rows by_scope;
  for (const auto& [key, count] : rows) {
    for (const std::string& scope : Up(key.first)) {
      Tally& sum = by_scope[{scope, key.second}];
      sum.won += count.won;
      sum.lost += count.lost;
    }
  }
  counts_ = OutcomeCounts(std::move(by_scope));
}

std::vector<std::string> WinScopes::Up(const std::string& team) const {
  std::vector<std::string> up;
  for (std::string at = team; !at.empty() && std::find(up.begin(), up.end(), at) == up.end();) {
    up.push_back(at);
    const auto parent = parents_.find(at);
    at = parent == parents_.end() ? "" : parent->second;
  }
  up.emplace_back(kCompany);
  return up;
}

std::vector<Scope> WinScopes::Of(const std::string& team) const {
  std::vector<Scope> scopes;
  for (const std::string& scope : Up(team)) {
    scopes.push_back({scope, {scope}});
  }
  return scopes;
}

absl::StatusOr<LeadScore> ScoreLead(const ScoringModel& model, const WinScopes& scopes,
                                    const LeadFacts& facts, Time day_start, Time now) {
  LeadScore score;
  score.as_of = day_start;
  for (const LeadEvent& event : facts.events) {
    if (event.at > now) {
      continue;
    }
    ++score.event_count;
    if (!score.last_event ||
        std::tie(score.last_event->at, score.last_event->id) < std::tie(event.at, event.id)) {
      score.last_event = event;
    }
  }
  if (score.last_event) {
    score.as_of = std::max(score.as_of, score.last_event->at);
  }
  score.features = FeaturesOf(facts.record, facts.tiers);
  score.feature_hash = HashOf(score.features, WinFeaturesOf(facts.record));
  ASSIGN_OR_RETURN(score.points,
                   ScorePoints(model.points, score.features, facts.events, score.as_of));
  score.band = BandOf(model, score.points.score);
  score.win = WinOf(model, scopes, facts);
  return score;
}

}  // namespace steward::scoring
