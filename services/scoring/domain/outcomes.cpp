#include "services/scoring/domain/outcomes.h"

#include "absl/status/statusor.h"
#include "libs/base/status.h"

namespace steward::scoring {

absl::StatusOr<bool> OutcomeCounts::Apply(const Outcome& outcome) {
  if (outcome.version < 1) {
    return FieldInvalid("outcome.version", "counts from 1");
  }
  for (const FeatureValue& feature : outcome.features) {
    if (feature.variable.empty()) {
      return FieldInvalid("outcome.features", "a feature names its variable");
    }
  }
  const auto known = facts_.find(outcome.event);
  if (known == facts_.end()) {
    facts_.emplace(outcome.event, outcome);
    Enter(outcome, 1);
    return true;
  }
  if (outcome.version < known->second.version || outcome == known->second) {
    return false;
  }
  if (outcome.version == known->second.version) {
    const std::string id = outcome.event.ToString();
    return Refuse(
        absl::StatusCode::kAlreadyExists,
        "outcome " + id + " says something else in the same version",
        {"OUTCOME_CONFLICT", {{"event", id}, {"version", std::to_string(outcome.version)}}});
  }
  Enter(known->second, -1);
  known->second = outcome;
  Enter(outcome, 1);
  return true;
}

void OutcomeCounts::Enter(const Outcome& outcome, int64_t step) {
  if (outcome.verdict == Verdict::kWithdrawn) {
    return;
  }
  const auto add = [&](const FeatureValue& feature) {
    const Key key{outcome.team, feature};
    Tally& count = rows_[key];
    (outcome.verdict == Verdict::kWon ? count.won : count.lost) += step;
    if (count == Tally{}) {
      rows_.erase(key);
    }
  };
  add({});
  for (const FeatureValue& feature : outcome.features) {
    add(feature);
  }
}

Tally OutcomeCounts::Of(const std::vector<std::string>& teams) const { return Of(teams, {}); }

Tally OutcomeCounts::Of(const std::vector<std::string>& teams, const FeatureValue& feature) const {
  Tally sum;
  for (const std::string& team : teams) {
    if (const auto found = rows_.find({team, feature}); found != rows_.end()) {
      sum.won += found->second.won;
      sum.lost += found->second.lost;
    }
  }
  return sum;
}

}  // namespace steward::scoring
