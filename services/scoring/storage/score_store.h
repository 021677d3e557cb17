#pragma once
// Scores as they were last reckoned.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/pg/tx.h"
#include "services/scoring/domain/decimal.h"

namespace steward::scoring {

// Whoever writes scores holds it exclusively.
inline constexpr char kScoresLock[] = "scoring/lead_scores";

struct StoredScore {
  std::string lead;
  int64_t version = 0;  // of leadScores/{id} in the journal
  Decimal score;
  std::string band;
  std::optional<Decimal> win;
  std::string win_basis;
  std::string model;
  int32_t model_version = 0;
  std::string feature_hash;
  Time as_of, scored_at;
  int32_t event_count = 0;
  std::string last_event;
  int64_t lead_version = 0;
  std::string owner, team;    // of the lead now; not written
  bool model_active = false;  // leads are scored by this version now; not written
};

pg::Pending QueueLoadScores(pg::Tx& tx, const std::vector<std::string>& leads);
std::map<std::string, StoredScore> ReadScores(const pg::Result& result);
// Rows that are there, and rows that are not. All of one model's version, and scored at one time.
void QueueUpdateScores(pg::Tx& tx, const std::vector<StoredScore>& scores);
void QueueInsertScores(pg::Tx& tx, const std::vector<StoredScore>& scores);

// Whose scores a reader may see; `$all OR owner = ANY OR team = ANY`.
struct Within {
  bool all = false;
  std::vector<std::string> members, teams;
};
absl::StatusOr<std::map<std::string, StoredScore>> GetScores(pg::Connection& db,
                                                             const std::vector<std::string>& leads,
                                                             const Within& within,
                                                             Duration timeout);

struct ScoreQuery {
  std::string band, owner, team;  // '' = any
  std::optional<Decimal> least, most;
  bool ascending = false;
};
struct ScoreCursor {
  Decimal score;
  std::string lead;
};
absl::StatusOr<std::vector<StoredScore>> ListScores(pg::Connection& db, const ScoreQuery& query,
                                                    const std::optional<ScoreCursor>& after,
                                                    const Within& within, int limit,
                                                    Duration timeout);
// Whether the lead is known and within.
absl::StatusOr<bool> LeadIsWithin(pg::Connection& db, const std::string& lead, const Within& within,
                                  Duration timeout);

}  // namespace steward::scoring
