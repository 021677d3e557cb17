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
enum class WonState : int16_t { kWaiting = 1, kHasContract = 2, kNotWon = 3, kParked = 4 };

struct WonOpportunity {
  std::string opportunity;  // opportunities/{id}
  int32_t cycle = 0;
  Uuid event_id;
  std::string correlation, traceparent;
  int32_t attempts = 0;   // that waited for the same
  std::string waits_for;  // empty = none yet
};

// From the consumer: waits, also again when it was won in a later cycle. The same or an earlier cycle changes nothing.
void QueueWon(pg::Tx& tx, const WonOpportunity& won, Time now);

// Whose next attempt is due, the longest due first.
absl::StatusOr<std::vector<WonOpportunity>> FindDue(pg::Connection& db, Time now, int limit);
// Under the opportunity's lock: one row where it still waits in this cycle.
pg::Pending QueueStillWaiting(pg::Tx& tx, const WonOpportunity& won);
void QueueSettle(pg::Tx& tx, const WonOpportunity& won, WonState state,
                 const std::optional<Uuid>& contract);
// Waits on, until `next`; `waits_for` says for what. The count of attempts begins anew with what it waits for.
[[nodiscard]] absl::Status Postpone(pg::Connection& db, const WonOpportunity& won, Time next,
                                    const std::string& waits_for);

// Is tried no more until it is released, or until the opportunity is won once more.
[[nodiscard]] absl::Status Park(pg::Connection& db, const WonOpportunity& won, Time now,
                                const std::string& waits_for, const std::string& reason);

// Waiting or parked.
struct UnsettledDraft {
  WonOpportunity won;  // without correlation and trace
  WonState state;
  Time next_attempt;
  std::optional<Time> park_time;
  std::string reason;
};
// Under the opportunity's lock: one row or none.
pg::Pending QueueUnsettled(pg::Tx& tx, const std::string& opportunity);
UnsettledDraft ReadUnsettled(const pg::Result& result, int row);
void QueueRelease(pg::Tx& tx, const WonOpportunity& won, Time now);
absl::StatusOr<std::vector<UnsettledDraft>> ListUnsettled(pg::Connection& db,
                                                          const std::vector<int16_t>& states,
                                                          const std::string& after, int limit,
                                                          Duration timeout);

// Unsettled ones by what they wait for.
struct WaitingDrafts {
  int64_t first_attempt = 0, leads = 0, facts = 0, parked = 0;
};
absl::StatusOr<WaitingDrafts> CountWaiting(pg::Connection& db);

}  // namespace steward::orders
