#pragma once
// SQL of pipelines: rows that never change.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"

namespace steward::leads {

struct StoredPipeline {
  std::string id;
  int32_t version = 0;
  std::string spec;        // steward.leads.v1.Pipeline as JSON
  std::string created_by;  // empty = shipped
  Time create_time;
  bool active = false;  // the highest version
};

// Active versions of these pipelines; the spec of a version that `known` lists (`default@1`) comes back empty.
pg::Pending QueueActivePipelines(pg::Tx& tx, const std::vector<std::string>& ids,
                                 const std::vector<std::string>& known);
// Version 0 is the active one. One row or none.
pg::Pending QueuePipeline(pg::Tx& tx, const std::string& id, int32_t version);
StoredPipeline ReadPipeline(const pg::Result& result, int row);
void QueueInsert(pg::Tx& tx, const StoredPipeline& pipeline);

absl::StatusOr<std::optional<StoredPipeline>> GetPipeline(pg::Connection& db, const std::string& id,
                                                          int32_t version, Duration timeout);
// Active versions by id, after this id.
absl::StatusOr<std::vector<StoredPipeline>> ListPipelines(pg::Connection& db,
                                                          const std::string& after, int limit,
                                                          Duration timeout);

}  // namespace steward::leads
