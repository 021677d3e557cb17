#pragma once
// SQL of approval flows: rows of which only `active` changes.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"

namespace steward::orders {

struct StoredFlow {
  std::string id;
  int32_t version = 0;
  std::string spec;  // steward.orders.v1.ApprovalFlow as JSON
  bool active = false;
  std::string created_by;  // empty = shipped
  Time create_time;
};

// Version 0 is the active one. One row or none.
pg::Pending QueueFlow(pg::Tx& tx, const std::string& id, int32_t version);
StoredFlow ReadFlow(const pg::Result& result, int row);
// The highest version of the flow: one row, NULL when there is none. Under the flow's lock.
pg::Pending QueueLastVersion(pg::Tx& tx, const std::string& id);
void QueueInsertFlow(pg::Tx& tx, const StoredFlow& flow);
// `version` becomes the active one.
void QueueActivate(pg::Tx& tx, const std::string& id, int32_t version);

absl::StatusOr<std::optional<StoredFlow>> GetFlow(pg::Connection& db, const std::string& id,
                                                  int32_t version, Duration timeout);
// Where a page ended.
using FlowCursor = std::pair<std::string, int32_t>;
// Every version of `id`, or the active ones of all flows where it is empty.
absl::StatusOr<std::vector<StoredFlow>> ListFlows(pg::Connection& db, const std::string& id,
                                                  const FlowCursor& after, int limit,
                                                  Duration timeout);

}  // namespace steward::orders
