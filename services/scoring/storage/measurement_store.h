#pragma once
// Values from outside.

#include "libs/pg/tx.h"
#include "services/scoring/storage/figure_reads.h"

namespace steward::scoring {

pg::Pending QueueLastGiven(pg::Tx& tx, const std::string& source, const std::string& external_id);
void QueueInsert(pg::Tx& tx, const Given& given);
struct GivenCursor {
  std::string day, source, external_id;
  int64_t version = 0;
};
// Every version, latest day first. An empty KPI = all.
absl::StatusOr<std::vector<Given>> ListGiven(pg::Connection& db, const std::string& subject,
                                             const std::string& kpi,
                                             const std::optional<GivenCursor>& after, int limit,
                                             Duration timeout);

}  // namespace steward::scoring
