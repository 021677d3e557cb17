#pragma once
// Internal: the consumer's tables (schema.sql) as functions.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/eventing/envelope.h"
#include "libs/eventing/plan.h"
#include "libs/pg/tx.h"

// Id and record of a parked row, as ToParkedRecord reads them; header values travel in hex.
#define STEWARD_PARKED_RECORD_COLUMNS                                            \
  "p.id, p.topic, p.partition, p.record_offset, p.record_time, p.key, p.value, " \
  "p.header_names, ARRAY(SELECT encode(v.bytes, 'hex') "                         \
  "FROM unnest(p.header_values) WITH ORDINALITY AS v(bytes, place) ORDER BY v.place)"

namespace steward::eventing::store {

using PartitionKey = std::pair<std::string, int32_t>;

// A partition's offset before and after a batch.
struct Move {
  PartitionKey partition;
  int64_t expected = 0;
  int64_t next = 0;
};

struct Count {
  int64_t applied = 0, repeated = 0, parked = 0;
};

struct End {
  PartitionKey partition;
  int64_t end = -1;
  int64_t age_micros = 0;  // since the broker confirmed it
  std::string halted;
};

// A parked row with what is needed to try it again.
struct ParkedRow {
  int64_t id = 0;
  kafka::Record record;
  std::string reason;
};

// Offsets. QueueMoves: rows moved are returned as (topic, partition).
pg::Pending QueueMoves(pg::Tx& tx, std::string_view group, const std::vector<Move>& moves);
std::vector<PartitionKey> NotMoved(const pg::Result& moved, const std::vector<Move>& moves);
absl::StatusOr<std::optional<int64_t>> ReadOffset(pg::Connection& connection,
                                                  std::string_view group,
                                                  const PartitionKey& partition);
// Makes the row of a partition that was never read; another replica may have made it meanwhile.
absl::Status MakeOffset(pg::Connection& connection, std::string_view group,
                        const PartitionKey& partition, int64_t begin);
// Goes back to the end of a log that lost its tail. False when the row is not at `expected` any more.
absl::StatusOr<bool> ClampOffset(pg::Connection& connection, std::string_view group,
                                 const PartitionKey& partition, int64_t expected, int64_t end);
absl::Status SaveEnds(pg::Connection& connection, std::string_view group,
                      const std::vector<End>& ends);

// Versions.
pg::Pending QueueSeen(pg::Tx& tx, std::string_view group,
                      const std::vector<std::string>& aggregates);
std::map<std::string, Seen> ToSeen(const pg::Result& result);
void QueueSaveSeen(pg::Tx& tx, std::string_view group, const std::map<std::string, Seen>& seen);

// Parked records.
pg::Pending QueueHeads(pg::Tx& tx, std::string_view group,
                       const std::vector<std::string>& aggregates);
std::map<std::string, ParkedHead> ToHeads(const pg::Result& result);
// One row; affected() is 0 when this very record was parked before.
pg::Pending QueuePark(pg::Tx& tx, std::string_view group, const kafka::Record& record,
                      const Event& event, const Decision& decision, int attempts);
pg::Pending QueueParkedOf(pg::Tx& tx, std::string_view group, std::string_view aggregate,
                          int limit);
absl::StatusOr<std::vector<ParkedRow>> ReadParkedOf(pg::Connection& connection,
                                                    std::string_view group,
                                                    std::string_view aggregate, int limit);
kafka::Record ToParkedRecord(const pg::Result& result, int row);
std::vector<ParkedRow> ToParkedRows(const pg::Result& result);
void QueueReleased(pg::Tx& tx, const std::vector<int64_t>& ids);
void QueueStillParked(pg::Tx& tx, int64_t id, std::string_view reason, std::string_view error);

void QueueCounts(pg::Tx& tx, std::string_view group, const std::map<PartitionKey, Count>& counts);

}  // namespace steward::eventing::store
