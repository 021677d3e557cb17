#pragma once
// Versions of KPIs and scorecards, and own targets.

#include <optional>
#include <string>
#include <vector>

#include "libs/pg/tx.h"
#include "services/scoring/domain/kpi.h"

namespace steward::scoring {

struct StoredDefinition {
  std::string name;
  int64_t version = 0;
  std::string body;    // bytes of the message
  std::string digest;  // 32 bytes
  std::string creator;
  Time create_time;
};
// The latest version of each whose name begins with `prefix`, after `after`.
absl::StatusOr<std::vector<StoredDefinition>> ListDefinitions(pg::Connection& db,
                                                              const std::string& prefix,
                                                              const std::string& after, int limit,
                                                              Duration timeout);
// `version` 0 = the latest.
pg::Pending QueueDefinition(pg::Tx& tx, const std::string& name, int64_t version);  // 0 or 1 row
pg::Pending QueueLatest(pg::Tx& tx, const std::string& name);  // of ReadDefinition
// The latest version by somebody, 0 rows = none.
pg::Pending QueueLatestOf(pg::Tx& tx, const std::string& name, const std::string& creator);
StoredDefinition ReadDefinition(const pg::Result& rows, int row);
void QueueInsert(pg::Tx& tx, const StoredDefinition& definition);

struct StoredTarget {
  std::string kpi, subject, period;
  int64_t version = 0;
  Target target;
  Time set_time;
  std::string set_by;
};
struct TargetCursor {
  std::string kpi, subject, period;
};
pg::Pending QueueTarget(pg::Tx& tx, const std::string& kpi, const std::string& subject,
                        const std::string& period);
void QueueSetTarget(pg::Tx& tx, const StoredTarget& target);
StoredTarget ReadTarget(const pg::Result& rows, int row);
absl::StatusOr<std::vector<StoredTarget>> ListTargets(pg::Connection& db, const std::string& period,
                                                      const std::string& subject,
                                                      const TargetCursor& after, int limit,
                                                      Duration timeout);

}  // namespace steward::scoring
