#pragma once
// Scores of some leads, reckoned in one transaction that holds kScoresLock: reads first, then what is to be written and said.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/eventing/journal.h"
#include "libs/identity/org.h"
#include "libs/pg/tx.h"
#include "services/scoring/domain/lead_scorer.h"
#include "services/scoring/storage/batch_store.h"

namespace steward::scoring {

// The active model and the counted outcomes.
struct Rules {
  std::string model;
  int32_t version = 0;
  ScoringModel rules;
  WinScopes scopes;
};
std::map<std::string, std::string> ParentsOf(const identity::Org& org);
// None is active: nullopt.
absl::StatusOr<std::optional<Rules>> LoadRules(pg::Tx& tx,
                                               const std::map<std::string, std::string>& parents);

struct Moment {
  Time now;
  Time day_start;  // of the company's day
  std::string day;
};
Moment MomentOf(Time now, const absl::TimeZone& zone);

// The row that a score is kept as; owner, team and journal version are not of it.
StoredScore RowOf(const Rules& rules, const LeadFacts& facts, const LeadScore& score, Time now);
// Whether they say the same, whenever they were reckoned.
bool SaysTheSame(const StoredScore& a, const StoredScore& b);

struct Reckoned {
  int64_t scored = 0, changed = 0, closed = 0, unknown = 0;
  std::vector<StoredScore> updated, inserted;  // that differ from what is stored
  std::vector<eventing::NewEvent> events;      // of those where the difference shows
};
void QueueScores(pg::Tx& tx, const Reckoned& reckoned);

// Rules compiled for many leads, with a dictionary that grows from batch to batch.
class BatchScorer {
 public:
  explicit BatchScorer(Rules rules);
  BatchScorer(const BatchScorer&) = delete;
  BatchScorer& operator=(const BatchScorer&) = delete;
  // Adds to `to`. A score is said anew when two places of it, its band or the whole per cent of its chance changed.
  [[nodiscard]] absl::Status Reckon(const PendingBatch& leads, const Moment& moment,
                                    IdGenerator& ids, Reckoned& to);
  // Whether it can take a batch of so many leads; else a new one is made.
  bool HasRoomFor(size_t leads) const { return dictionary_.HasRoomFor(leads); }

 private:
  std::string model_;
  int32_t version_;
  LeadDictionary dictionary_;
  LeadScorer scorer_;
};

// `leads/{id}` to `leadScores/{id}`.
std::string ScoreName(const std::string& lead);

}  // namespace steward::scoring
