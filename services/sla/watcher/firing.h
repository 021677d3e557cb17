#pragma once
// One batch of due timers in one transaction: lock, compare-and-delete, domain, rows, journal.

#include <string>
#include <vector>

#include "libs/pg/connection.h"
#include "services/sla/watcher/watcher.h"

namespace steward::sla {

struct DueTimer {
  int16_t shard;
  int64_t id;
  Time due, fire_at;
  bool accuses;
  std::string subject;
};

// What a committed batch did, for metrics.
struct Fired {
  struct One {
    std::string policy;
    event::Fired firing;
  };
  std::vector<One> firings;
  int busy = 0;  // subjects whose lock somebody else holds: the next batch tries again
};

// Fires what of these timers is still there and due by PostgreSQL's clock. `mark_stale`: accusations carry `input_stale`.
// ABORTED when that clock is not within 2 s of `expected_now`, asked after it was read.
[[nodiscard]] absl::StatusOr<Fired> FireBatch(pg::Connection& connection, const WatcherDeps& deps,
                                              const std::vector<DueTimer>& timers, bool accuse,
                                              bool mark_stale,
                                              const std::function<Time()>& expected_now);
// A timer that cannot be fired gets a growing delay and a count, so that it does not hold up the rest (ruling H21).
[[nodiscard]] absl::Status Postpone(pg::Connection& connection, const DueTimer& timer);

// Escalations without a recipient, or whose recipient no longer works here, get one (rulings H14, A9). At most 20 a call,
// in turns by name: `after` is where the last call ended. Returns how many changed.
[[nodiscard]] absl::StatusOr<int> KeepRecipients(pg::Connection& connection,
                                                 const WatcherDeps& deps, std::string& after);

}  // namespace steward::sla
