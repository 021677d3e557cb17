#pragma once
// SQL of touches. What a caller reads is what they reach: by who made it, their team then, or who recorded it.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/rpc/call.h"
#include "services/leads/domain/touch.h"

namespace steward::leads {

struct StoredTouch {
  Touch touch;
  std::string team;  // of the member then
  std::string recorded_by;
  std::string note;  // personal: never in an event
};

void QueueInsert(pg::Tx& tx, const StoredTouch& touch);

struct TouchFilter {
  std::map<std::string, std::string> equal;  // by column of kTouchFilterColumns
  std::map<std::string, std::vector<std::string>> not_equal;
  std::optional<bool> effective;
  Time from = kEpoch, to = kClientTimeEnd;  // occurred_at, both inclusive
};
inline constexpr std::string_view kTouchFilterColumns[] = {
    "member", "team", "customer", "lead", "opportunity", "kind", "outcome"};
// The last touch of the page before.
using TouchCursor = std::pair<Time, Uuid>;
// Latest first, by occurred_at.
absl::StatusOr<std::vector<StoredTouch>> ListTouches(pg::Connection& db, const TouchFilter& filter,
                                                     const std::optional<TouchCursor>& after,
                                                     const rpc::Reach& reach, int limit,
                                                     Duration timeout);

}  // namespace steward::leads
