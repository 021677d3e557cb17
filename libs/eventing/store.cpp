#include "libs/eventing/store.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "libs/base/status.h"

namespace steward::eventing::store {
namespace {

constexpr pg::Statement kMove = {
    "consumer_offset_move",
    "UPDATE consumer_offset o SET next_offset = m.upto "
    "FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[]) "
    "AS m(topic, partition, expected, upto) "
    "WHERE o.consumer_group = $1 AND o.topic = m.topic AND o.partition = m.partition "
    "AND o.next_offset = m.expected RETURNING o.topic, o.partition"};
constexpr pg::Statement kReadOffset = {
    "consumer_offset_read",
    "SELECT o.next_offset FROM consumer_offset o "
    "WHERE o.consumer_group = $1 AND o.topic = $2 AND o.partition = $3"};
constexpr pg::Statement kMakeOffset = {
    "consumer_offset_make",
    "INSERT INTO consumer_offset (consumer_group, topic, partition, next_offset) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"};
constexpr pg::Statement kClamp = {
    "consumer_offset_clamp",
    "UPDATE consumer_offset o SET next_offset = $5 WHERE o.consumer_group = $1 AND o.topic = $2 "
    "AND o.partition = $3 AND o.next_offset = $4 AND o.next_offset > $5"};
constexpr pg::Statement kSaveEnds = {
    "consumer_offset_ends",
    "UPDATE consumer_offset o SET end_offset = e.upto, halted = e.halted, "
    "end_confirmed_at = clock_timestamp() - e.age * interval '1 microsecond' "
    "FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::text[]) "
    "AS e(topic, partition, upto, age, halted) "
    "WHERE o.consumer_group = $1 AND o.topic = e.topic AND o.partition = e.partition"};
constexpr pg::Statement kSeen = {
    "consumer_version_read",
    "SELECT v.aggregate, v.version, v.event_id FROM consumer_version v "
    "WHERE v.consumer_group = $1 AND v.aggregate = ANY($2::text[])"};
constexpr pg::Statement kSaveSeen = {
    "consumer_version_save",
    "INSERT INTO consumer_version AS v (consumer_group, aggregate, version, event_id) "
    "SELECT $1, s.aggregate, s.version, s.event_id "
    "FROM unnest($2::text[], $3::bigint[], $4::uuid[]) AS s(aggregate, version, event_id) "
    "ON CONFLICT (consumer_group, aggregate) DO UPDATE "
    "SET version = excluded.version, event_id = excluded.event_id "
    "WHERE v.version < excluded.version"};
constexpr pg::Statement kHeads = {
    "parked_record_heads",
    "SELECT DISTINCT ON (p.aggregate) p.aggregate, p.aggregate_version, p.reason "
    "FROM parked_record p WHERE p.consumer_group = $1 AND p.state = 'parked' "
    "AND p.aggregate = ANY($2::text[]) ORDER BY p.aggregate, p.aggregate_version, p.id"};
constexpr pg::Statement kPark = {
    "parked_record_add",
    "INSERT INTO parked_record (consumer_group, topic, partition, record_offset, record_time, key, "
    "aggregate, aggregate_version, type, header_names, header_values, value, reason, error, "
    "attempts) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) "
    "ON CONFLICT (consumer_group, topic, partition, record_offset) DO NOTHING"};
constexpr pg::Statement kParkedOf = {
    "parked_record_of_aggregate",
    "SELECT " STEWARD_PARKED_RECORD_COLUMNS
    ", p.reason FROM parked_record p "
    "WHERE p.consumer_group = $1 AND p.aggregate = $2 AND p.state = 'parked' "
    "ORDER BY p.aggregate_version, p.id LIMIT $3"};
constexpr pg::Statement kReleased = {
    "parked_record_released",
    "UPDATE parked_record p SET state = 'released', replays = p.replays + 1 "
    "WHERE p.id = ANY($1::bigint[]) AND p.state = 'parked'"};
constexpr pg::Statement kStillParked = {
    "parked_record_still_parked",
    "UPDATE parked_record p SET replays = p.replays + 1, attempts = p.attempts + 1, reason = $2, "
    "error = $3, last_failure_time = clock_timestamp() WHERE p.id = $1 AND p.state = 'parked'"};
constexpr pg::Statement kCounts = {
    "consumer_count_add",
    "INSERT INTO consumer_count AS t (consumer_group, topic, partition, applied, repeated, parked) "
    "SELECT $1, c.topic, c.partition, c.applied, c.repeated, c.parked "
    "FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[]) "
    "AS c(topic, partition, applied, repeated, parked) "
    "ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET "
    "applied = t.applied + excluded.applied, repeated = t.repeated + excluded.repeated, "
    "parked = t.parked + excluded.parked"};

pg::Params OffsetKey(std::string_view group, const PartitionKey& partition) {
  return pg::Params().Add(group).Add(partition.first).Add(partition.second);
}

}  // namespace

pg::Pending QueueMoves(pg::Tx& tx, std::string_view group, const std::vector<Move>& moves) {
  std::vector<std::string> topics;
  std::vector<int32_t> partitions;
  std::vector<int64_t> expected, next;
  for (const Move& move : moves) {
    topics.push_back(move.partition.first);
    partitions.push_back(move.partition.second);
    expected.push_back(move.expected);
    next.push_back(move.next);
  }
  return tx.Queue(kMove, pg::Params()
                             .Add(group)
                             .AddTexts(topics)
                             .AddInt32s(partitions)
                             .AddInts(expected)
                             .AddInts(next));
}

std::vector<PartitionKey> NotMoved(const pg::Result& moved, const std::vector<Move>& moves) {
  std::vector<PartitionKey> lost;
  for (const Move& move : moves) {
    bool found = false;
    for (int i = 0; i < moved.rows() && !found; ++i) {
      found = moved.Text(i, 0) == move.partition.first && moved.Int(i, 1) == move.partition.second;
    }
    if (!found) {
      lost.push_back(move.partition);
    }
  }
  return lost;
}

absl::StatusOr<std::optional<int64_t>> ReadOffset(pg::Connection& connection,
                                                  std::string_view group,
                                                  const PartitionKey& partition) {
  ASSIGN_OR_RETURN(pg::Result result, connection.Run(kReadOffset, OffsetKey(group, partition)));
  return result.rows() == 0 ? std::nullopt : std::optional(result.Int(0, 0));
}

absl::Status MakeOffset(pg::Connection& connection, std::string_view group,
                        const PartitionKey& partition, int64_t begin) {
  return connection.Run(kMakeOffset, OffsetKey(group, partition).Add(begin)).status();
}

absl::StatusOr<bool> ClampOffset(pg::Connection& connection, std::string_view group,
                                 const PartitionKey& partition, int64_t expected, int64_t end) {
  ASSIGN_OR_RETURN(pg::Result result,
                   connection.Run(kClamp, OffsetKey(group, partition).Add(expected).Add(end)));
  return result.affected() == 1;
}

absl::Status SaveEnds(pg::Connection& connection, std::string_view group,
                      const std::vector<End>& ends) {
  if (ends.empty()) {
    return absl::OkStatus();
  }
  std::vector<std::string> topics, halted;
  std::vector<int32_t> partitions;
  std::vector<int64_t> offsets, ages;
  for (const End& end : ends) {
    topics.push_back(end.partition.first);
    partitions.push_back(end.partition.second);
    offsets.push_back(end.end);
    ages.push_back(end.age_micros);
    halted.push_back(end.halted);
  }
  // Lost with a crash of the database, it is measured again: no reason to wait for the disk.
  const pg::TxOptions options{.asynchronous_commit = true, .name = "consumer_ends"};
  return pg::RunInTx(connection, options, [&](pg::Tx& tx) {
    tx.Queue(kSaveEnds, pg::Params()
                            .Add(group)
                            .AddTexts(topics)
                            .AddInt32s(partitions)
                            .AddInts(offsets)
                            .AddInts(ages)
                            .AddTexts(halted));
    return absl::OkStatus();
  });
}

pg::Pending QueueSeen(pg::Tx& tx, std::string_view group,
                      const std::vector<std::string>& aggregates) {
  return tx.Queue(kSeen, pg::Params().Add(group).AddTexts(aggregates));
}

std::map<std::string, Seen> ToSeen(const pg::Result& result) {
  std::map<std::string, Seen> seen;
  for (int i = 0; i < result.rows(); ++i) {
    seen[result.Text(i, 0)] = {result.Int(i, 1), result.Uuid(i, 2)};
  }
  return seen;
}

void QueueSaveSeen(pg::Tx& tx, std::string_view group, const std::map<std::string, Seen>& seen) {
  if (seen.empty()) {
    return;
  }
  std::vector<std::string> aggregates;
  std::vector<int64_t> versions;
  std::vector<Uuid> ids;
  for (const auto& [aggregate, last] : seen) {
    aggregates.push_back(aggregate);
    versions.push_back(last.version);
    ids.push_back(last.event_id);
  }
  tx.Queue(kSaveSeen, pg::Params().Add(group).AddTexts(aggregates).AddInts(versions).AddUuids(ids));
}

pg::Pending QueueHeads(pg::Tx& tx, std::string_view group,
                       const std::vector<std::string>& aggregates) {
  return tx.Queue(kHeads, pg::Params().Add(group).AddTexts(aggregates));
}

std::map<std::string, ParkedHead> ToHeads(const pg::Result& result) {
  std::map<std::string, ParkedHead> heads;
  for (int i = 0; i < result.rows(); ++i) {
    heads[result.Text(i, 0)] = {result.Int(i, 1), result.Text(i, 2)};
  }
  return heads;
}

pg::Pending QueuePark(pg::Tx& tx, std::string_view group, const kafka::Record& record,
                      const Event& event, const Decision& decision, int attempts) {
  std::vector<std::string> names, values;
  for (const auto& [name, value] : record.headers) {
    names.push_back(Readable(name));
    values.push_back(value);
  }
  pg::Params params;
  params.Add(group)
      .Add(record.topic)
      .Add(record.partition)
      .Add(record.offset)
      .Add(record.timestamp);
  record.key ? params.AddBytes(*record.key) : params.AddNull();
  params.Add(event.aggregate).Add(event.version).Add(event.type);
  params.AddTexts(names).AddBytesArray(values);
  record.tombstone ? params.AddNull() : params.AddBytes(record.value);
  params.Add(decision.reason).Add(Readable(decision.text)).Add(int32_t{attempts});
  return tx.Queue(kPark, params);
}

pg::Pending QueueParkedOf(pg::Tx& tx, std::string_view group, std::string_view aggregate,
                          int limit) {
  return tx.Queue(kParkedOf, pg::Params().Add(group).Add(aggregate).Add(int64_t{limit}));
}

absl::StatusOr<std::vector<ParkedRow>> ReadParkedOf(pg::Connection& connection,
                                                    std::string_view group,
                                                    std::string_view aggregate, int limit) {
  ASSIGN_OR_RETURN(
      pg::Result result,
      connection.Run(kParkedOf, pg::Params().Add(group).Add(aggregate).Add(int64_t{limit})));
  return ToParkedRows(result);
}

kafka::Record ToParkedRecord(const pg::Result& result, int row) {
  kafka::Record record{.topic = result.Text(row, 1),
                       .partition = static_cast<int32_t>(result.Int(row, 2)),
                       .offset = result.Int(row, 3),
                       .timestamp = result.Timestamp(row, 4),
                       .key = std::nullopt,
                       .value = {},
                       .tombstone = result.IsNull(row, 6),
                       .headers = {}};
  if (!result.IsNull(row, 5)) {
    record.key = result.Bytes(row, 5);
  }
  if (!record.tombstone) {
    record.value = result.Bytes(row, 6);
  }
  const std::vector<std::string> names = result.Texts(row, 7);
  const std::vector<std::string> values = result.Texts(row, 8);
  for (size_t i = 0; i < names.size(); ++i) {
    record.headers.emplace_back(names[i], absl::HexStringToBytes(values[i]));
  }
  return record;
}

std::vector<ParkedRow> ToParkedRows(const pg::Result& result) {
  std::vector<ParkedRow> rows;
  for (int i = 0; i < result.rows(); ++i) {
    rows.push_back({result.Int(i, 0), ToParkedRecord(result, i), result.Text(i, 9)});
  }
  return rows;
}

void QueueReleased(pg::Tx& tx, const std::vector<int64_t>& ids) {
  if (!ids.empty()) {
    tx.Queue(kReleased, pg::Params().AddInts(ids));
  }
}

void QueueStillParked(pg::Tx& tx, int64_t id, std::string_view reason, std::string_view error) {
  tx.Queue(kStillParked, pg::Params().Add(id).Add(reason).Add(Readable(error)));
}

void QueueCounts(pg::Tx& tx, std::string_view group, const std::map<PartitionKey, Count>& counts) {
  std::vector<std::string> topics;
  std::vector<int32_t> partitions;
  std::vector<int64_t> applied, repeated, parked;
  for (const auto& [partition, count] : counts) {
    topics.push_back(partition.first);
    partitions.push_back(partition.second);
    applied.push_back(count.applied);
    repeated.push_back(count.repeated);
    parked.push_back(count.parked);
  }
  tx.Queue(kCounts, pg::Params()
                        .Add(group)
                        .AddTexts(topics)
                        .AddInt32s(partitions)
                        .AddInts(applied)
                        .AddInts(repeated)
                        .AddInts(parked));
}

}  // namespace steward::eventing::store
