#pragma once
// SQL of the history of tiers.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "services/leads/domain/customer_event.h"

namespace steward::leads {

// One change as it was decided.
struct TierChange {
  int64_t version = 0;
  std::string scheme, from_tier, tier;  // empty = none
  Time effective_from;
  std::optional<Time> effective_to;  // of a read one: the next change of its scheme
  std::string set_by, rule, reason;
  Time recorded_at;
};

// effective_from of the last change of the scheme: one row, NULL when there is none.
pg::Pending QueueLastChange(pg::Tx& tx, const std::string& customer, const std::string& scheme);
std::optional<Time> ReadLastChange(const pg::Result& result);
void QueueTierChanges(pg::Tx& tx, const std::string& customer,
                      const std::vector<TierChange>& changes);

// Where a page ended: the changes of a version have different schemes.
struct TierCursor {
  int64_t version = 0;
  std::string scheme;
};
// Newest first; an empty scheme is all of them.
absl::StatusOr<std::vector<TierChange>> ListTierChanges(pg::Connection& db,
                                                        const std::string& customer,
                                                        const std::string& scheme,
                                                        const std::optional<TierCursor>& after,
                                                        int limit, Duration timeout);

}  // namespace steward::leads
