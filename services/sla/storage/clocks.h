#pragma once
// Clocks, escalations and facts in PostgreSQL: reads, many at once, and facts as they come. All other writes: batch.h.

#include <string>
#include <vector>

#include "libs/base/ids.h"
#include "libs/pg/tx.h"
#include "services/sla/domain/clock.h"

namespace steward::sla {

inline constexpr int kShards = 32;  // fixed (ruling H29)
int ShardOf(std::string_view subject);

// Of the columns of columns.h.
absl::StatusOr<Clock> ReadClock(const pg::Result& rows, int row, int first_column = 0);
Escalation ReadEscalation(const pg::Result& rows, int row, int first_column = 0);

pg::Pending QueueClocksOf(pg::Tx& tx, const std::vector<std::string>& subjects);
pg::Pending QueueOpenEscalationsOf(pg::Tx& tx, const std::vector<std::string>& subjects);
pg::Pending QueueClocksByName(pg::Tx& tx, const std::vector<std::string>& names);

// Whose message a fact's payload is.
enum class FactSource : int16_t { kComplaints = 1, kLeads = 2, kOrders = 3 };
// A fact as it is stored: the event's own bytes.
struct StoredFact {
  std::string subject;
  FactNumber number;
  Uuid event_id;
  std::string type;  // of the event
  Time occurred_at;
  FactSource source;
  std::string payload;
};
void QueueFacts(pg::Tx& tx, const std::vector<StoredFact>& facts);
// In order of subject and number.
pg::Pending QueueFactsOf(pg::Tx& tx, const std::vector<std::string>& subjects);
// Of the columns of STEWARD_FACT_COLUMNS.
StoredFact ReadFact(const pg::Result& rows, int row);

}  // namespace steward::sla
