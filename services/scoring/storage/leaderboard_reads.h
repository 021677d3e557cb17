#pragma once
// Places of subjects by a measure, from the daily sums; or by open leads of a band.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/pg/connection.h"
#include "libs/pg/tx.h"

namespace steward::scoring {

// Stands for a measure where leads are counted; its revision counts up with each change of scores, owners, teams and what is open.
inline constexpr char kScoredLeads[] = "scored_leads";

struct BoardQuery {
  std::string measure;
  std::string collection;  // members/
  std::string currency;    // of kScoredLeads: the band, "" = all; it has no days
  absl::CivilDay first, last;
};
struct BoardPlace {
  std::string subject;
  int64_t rank = 0;
  int64_t total = 0;
  friend bool operator==(const BoardPlace&, const BoardPlace&) = default;
};
// Counts up with each change of the measure's sums.
absl::StatusOr<int64_t> MeasureRevision(pg::Connection& db, const std::string& measure,
                                        Duration timeout);
// All places, highest first, equal ones by name; and the revision that they stand for, read at one instant.
struct WholeBoard {
  int64_t revision = 0;
  std::vector<BoardPlace> places;
};
void QueueScoredLeadsChanged(pg::Tx& tx);
absl::StatusOr<WholeBoard> ReadWholeBoard(pg::Connection& db, const BoardQuery& query,
                                          Duration timeout);

}  // namespace steward::scoring
