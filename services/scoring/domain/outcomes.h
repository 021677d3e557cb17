#pragma once
// What the win model counts: outcomes of opportunities as facts keyed by the id of the event that said so. A repeat cannot count
// twice, a correction replaces, a reopening takes back; the counts depend on the set of facts alone, not on the order they came in.

#include <compare>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/ids.h"

namespace steward::scoring {

// A lead has several values of one variable (tags, stages it has been in) or none.
struct FeatureValue {
  std::string variable, value;
  friend auto operator<=>(const FeatureValue&, const FeatureValue&) = default;
};
using FeatureValues = std::set<FeatureValue>;
// The last open stage of what was won or lost is counted beside the features of its lead.
inline constexpr char kStageVariable[] = "stage";

enum class Verdict { kWon, kLost, kWithdrawn };  // withdrawn: reopened, or recorded by mistake

struct Outcome {
  Uuid event;           // that first said so; a correction bears the same id
  int64_t version = 1;  // rises with each correction
  Verdict verdict = Verdict::kWithdrawn;
  std::string team;  // teams/{id}, "" = none
  FeatureValues features;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct Tally {
  int64_t won = 0;
  int64_t lost = 0;
  friend bool operator==(const Tally&, const Tally&) = default;
};

class OutcomeCounts {
 public:
  // (team, variable, value) -> count; without rows that are zero. The variable "" counts each outcome once.
  using Key = std::pair<std::string, FeatureValue>;
  using Rows = std::map<Key, Tally>;

  OutcomeCounts() = default;
  // From rows that are kept elsewhere with their facts.
  explicit OutcomeCounts(Rows rows) : rows_(std::move(rows)) {}

  // Whether anything changed: a repeat and a version older than the known one change nothing. ALREADY_EXISTS, reason OUTCOME_CONFLICT,
  // when the same version says something else; INVALID_ARGUMENT for a version below 1 or a feature without variable.
  absl::StatusOr<bool> Apply(const Outcome& outcome);

  // Of these teams together; the count of all outcomes, and of those with the feature.
  Tally Of(const std::vector<std::string>& teams) const;
  Tally Of(const std::vector<std::string>& teams, const FeatureValue& feature) const;

  const Rows& rows() const { return rows_; }
  const std::map<Uuid, Outcome>& facts() const { return facts_; }

 private:
  void Enter(const Outcome& outcome, int64_t step);

  std::map<Uuid, Outcome> facts_;  // withdrawn ones too, so that an older version cannot come back
  Rows rows_;
};

}  // namespace steward::scoring
