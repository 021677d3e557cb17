#pragma once
// What the board is made of, read from PostgreSQL.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/eventing/journal.h"
#include "libs/pg/connection.h"

namespace steward::sla {

// One open clock as the board counts it.
struct OpenClock {
  std::string name;
  std::string status;       // running warned paused breached
  std::string owner, team;  // `-` = none
  std::optional<Time> due;
};

// Up to `limit` open clocks, earliest due first, after a place; the place moves on.
struct ScanPlace {
  Time due = kEpoch;
  std::string name;
};
absl::StatusOr<std::vector<OpenClock>> ScanOpenClocks(pg::Connection& connection, ScanPlace& place,
                                                      int limit);
// Those of the names that are open, by name.
absl::StatusOr<std::map<std::string, OpenClock>> FindOpenClocks(
    pg::Connection& connection, const std::vector<std::string>& names);

// Whose next promise: an owner or a team.
enum class Party { kOwner, kTeam };
struct NextClock {
  std::string name;
  std::optional<Time> due;
};
// The next open clock of each; without one it is not in the map.
absl::StatusOr<std::map<std::string, NextClock>> FindNext(pg::Connection& connection, Party party,
                                                          const std::vector<std::string>& whose);

// Where the journal ends for a reader now, and until when it is complete: every transaction that had begun at `sampled_at` is
// below the horizon once `horizon` has reached `newest`.
struct JournalEnd {
  uint64_t horizon = 0, newest = 0;
  Time sampled_at;
  eventing::Position position() const;
};
absl::StatusOr<JournalEnd> FindJournalEnd(pg::Connection& connection);

}  // namespace steward::sla
