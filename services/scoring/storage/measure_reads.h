#pragma once
// Reads of sums and facts.

#include <optional>
#include <string>
#include <vector>

#include "libs/pg/connection.h"
#include "libs/pg/tx.h"
#include "services/scoring/domain/fact.h"

namespace steward::scoring {

// Days in the company's zone, both included.
struct Days {
  absl::CivilDay first, last;
};

// Some facts of a subject. `qualifier` takes what lies below it too; '' = all.
struct FactQuery {
  std::string subject, measure, qualifier;
  Days days;
};

struct DaySum {
  std::string measure, qualifier, currency;
  absl::CivilDay day;
  int64_t facts = 0;
  int64_t total = 0;
};
absl::StatusOr<std::vector<DaySum>> ReadDays(pg::Connection& db, const FactQuery& query,
                                             Duration timeout);

struct StoredFact {
  Uuid event_id;
  int part = 0;
  std::string aggregate;
  int64_t version = 0;
  Time occurred_at, recorded_at;
  Fact fact;
};
struct FactCursor {
  std::string day;
  std::string event_id;
  int64_t part = 0;
};
// By day, event and part.
absl::StatusOr<std::vector<StoredFact>> ReadFacts(pg::Connection& db, const FactQuery& query,
                                                  const std::optional<FactCursor>& after, int limit,
                                                  Duration timeout);
// The first of them that were there at `until`; nullopt = whenever they came.
pg::Pending QueueFacts(pg::Tx& tx, const FactQuery& query, int limit, std::optional<Time> until);
absl::StatusOr<std::vector<StoredFact>> ReadFacts(const pg::Result& rows);

// Facts of these days that came after an instant, as they came: of everyone, or of these members and teams.
struct LateCursor {
  Time recorded_at;
  std::string event_id, measure;
  int64_t part = 0;
};
absl::StatusOr<std::vector<StoredFact>> ReadLateFacts(pg::Connection& db, const Days& days,
                                                      Time since, bool everyone,
                                                      const std::vector<std::string>& members,
                                                      const std::vector<std::string>& teams,
                                                      const std::optional<LateCursor>& after,
                                                      int limit, Duration timeout);

}  // namespace steward::scoring
