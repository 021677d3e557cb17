#pragma once
// Who waits to be scored again: leads that were marked, and the sweep over all open ones.

#include <optional>
#include <string>
#include <vector>

#include "libs/pg/tx.h"

namespace steward::scoring {

// Oldest first. What is marked while they are scored stays.
struct Marks {
  std::vector<int64_t> ids;
  std::vector<std::string> leads;  // each once
};
absl::StatusOr<Marks> ReadMarks(pg::Tx& tx, int limit);
void QueueDropMarks(pg::Tx& tx, const Marks& marks);

struct Sweep {
  std::string day;  // of the last that began
  std::optional<Time> begun_at;
  std::optional<Time> since;  // none runs without it
  std::string after_lead;
};
struct SweepRequests {
  std::vector<int64_t> ids;
  bool soon = false;
  std::optional<Time> since;  // of the oldest
};
struct SweepState {
  Sweep sweep;
  SweepRequests requests;
};
absl::StatusOr<SweepState> ReadSweep(pg::Tx& tx);
void QueueSweep(pg::Tx& tx, const Sweep& sweep);
void QueueDropRequests(pg::Tx& tx, const SweepRequests& requests);
void QueueAskSweep(pg::Tx& tx);  // soon
// Open leads by name after this one.
absl::StatusOr<std::vector<std::string>> ReadOpenLeads(pg::Tx& tx, const std::string& after,
                                                       int limit);
pg::Pending QueueCountOpen(pg::Tx& tx);
// Since when the oldest waits.
absl::StatusOr<std::optional<Time>> OldestPending(pg::Tx& tx);

}  // namespace steward::scoring
