#pragma once
// Places of subjects by a measure, from the daily sums.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/pg/connection.h"

namespace steward::scoring {

struct BoardQuery {
  std::string measure;
  std::string collection;  // members/
  std::string currency;
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
absl::StatusOr<WholeBoard> ReadWholeBoard(pg::Connection& db, const BoardQuery& query,
                                          Duration timeout);

}  // namespace steward::scoring
