#pragma once
// SQL of won opportunities: what has to become a contract draft.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/pg/tx.h"

namespace steward::orders {

// The numbers are stored.
enum class WonState : int16_t { kWaiting = 1, kHasContract = 2, kNotWon = 3 };

struct WonOpportunity {
  std::string opportunity;  // opportunities/{id}
  int32_t cycle = 0;
  Uuid event_id;
  std::string correlation, traceparent;
  int32_t attempts = 0;
};

// From the consumer: waits, also again when it was won in a later cycle. The same or an earlier cycle changes nothing.
void QueueWon(pg::Tx& tx, const WonOpportunity& won, Time now);

// Whose next attempt is due, the longest due first.
absl::StatusOr<std::vector<WonOpportunity>> FindDue(pg::Connection& db, Time now, int limit);
// Under the opportunity's lock: one row where it still waits in this cycle.
pg::Pending QueueStillWaiting(pg::Tx& tx, const WonOpportunity& won);
void QueueSettle(pg::Tx& tx, const WonOpportunity& won, WonState state,
                 const std::optional<Uuid>& contract);
// Waits on, until `next`; `waits_for` says for what.
[[nodiscard]] absl::Status Postpone(pg::Connection& db, const WonOpportunity& won, Time next,
                                    const std::string& waits_for);

// Waiting ones by what they wait for.
struct WaitingDrafts {
  int64_t first_attempt = 0, leads = 0, facts = 0;
};
absl::StatusOr<WaitingDrafts> CountWaiting(pg::Connection& db);

}  // namespace steward::orders
