#pragma once
// Versions of scoring models, which never change, and which one is active.

#include <optional>
#include <string>
#include <vector>

#include "libs/pg/tx.h"

namespace steward::scoring {

struct StoredModel {
  std::string id;
  int32_t version = 0;
  std::string spec;  // steward.scoring.v1.ScoringModel as JSON
  std::string created_by;
  Time create_time;
  bool active = false;
};
// Of a model and its events.
struct ModelHead {
  int64_t aggregate_version = 0;
  int32_t newest = 0;  // 0 = there is none
  std::optional<int32_t> active;
};

pg::Pending QueueModelHead(pg::Tx& tx, const std::string& id);
ModelHead ReadModelHead(const pg::Result& result);
// Version 0 is the newest. One row or none.
pg::Pending QueueModel(pg::Tx& tx, const std::string& id, int32_t version);
StoredModel ReadModel(const pg::Result& result, int row);
pg::Pending QueueActiveModel(pg::Tx& tx);

void QueueInsertModel(pg::Tx& tx, const StoredModel& model);
void QueueModelHead(pg::Tx& tx, const std::string& id, int64_t aggregate_version);
void QueueDeactivate(pg::Tx& tx);  // none is active
// Whatever was active before is not any more.
void QueueActivate(pg::Tx& tx, const std::string& id, int32_t version);

absl::StatusOr<std::optional<StoredModel>> GetModel(pg::Connection& db, const std::string& id,
                                                    int32_t version, Duration timeout);
// Newest versions by id, after this id.
absl::StatusOr<std::vector<StoredModel>> ListModels(pg::Connection& db, const std::string& after,
                                                    int limit, Duration timeout);

}  // namespace steward::scoring
