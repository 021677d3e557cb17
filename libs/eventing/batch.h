#pragma once
// Internal: one batch in one transaction.

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "libs/eventing/plan.h"
#include "libs/eventing/store.h"
#include "libs/pg/tx.h"

namespace steward::eventing {

inline constexpr Duration kBatchLockTimeout = Milliseconds(200);

struct Received {
  kafka::Record record;
  Decoded decoded;
};

struct Batch {
  std::vector<const Received*> records;  // one partition's records in offset order
  std::vector<store::Move> moves;
  // For the one record of a batch of one that cannot be applied: what it is parked as, if it would be applied.
  std::optional<Decision> instead;
  int attempts = 1;
};

struct BatchOutcome {
  Plan plan;
  std::vector<Event> applied;
  std::vector<store::PartitionKey> lost;  // not at the expected offset; nothing was done then
};

// Locks, moves the offsets, plans, applies, parks, counts, commits. ABORTED with reason OFFSET_MOVED: another
// owner moved a partition of `outcome->lost`.
[[nodiscard]] absl::Status ApplyBatch(pg::Connection& connection, std::string_view group,
                                      const Batch& batch, Projection& projection,
                                      BatchOutcome* outcome);

// What a failed batch means. Contention and a database that is away never park anything.
enum class Fault {
  kNone,
  kMoved,    // another owner moved an offset: read it again
  kAway,     // the database: the same records again, for ever
  kBusy,     // locks, resources: a smaller batch, for ever
  kSlow,     // out of time: a smaller batch, then as kOther
  kRefused,  // will never work: the record at fault is parked at once
  kOther,    // the record at fault is parked after five attempts
};
Fault FaultOf(const absl::Status& status, bool connection_healthy);

}  // namespace steward::eventing
