#include "libs/eventing/journal.h"

#include <limits>
#include <memory>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/eventing/envelope.h"
#include "libs/eventing/journal_rows.h"

namespace steward::eventing {
namespace {

constexpr int kMaxTextCharacters = 4096;

// Most commands write one event, and for one row arrays cost the server several times a plain insert.
constexpr size_t kFewEvents = 3;
constexpr pg::Statement kAppendOne = {
    "journal_append_one",
    "INSERT INTO journal (event_id, aggregate, aggregate_version, type, occurred_at, payload, "
    "actor, correlation, causation, traceparent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};

// `seq` follows the order of the arrays, so several events of one aggregate stay in version order.
constexpr pg::Statement kAppend = {
    "journal_append",
    "INSERT INTO journal (event_id, aggregate, aggregate_version, type, occurred_at, payload, "
    "actor, correlation, causation, traceparent) "
    "SELECT e.event_id, e.aggregate, e.version, e.type, e.occurred_at, e.payload, $7, $8, $9, $10 "
    "FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[], $6::bytea[]) "
    "WITH ORDINALITY AS e(event_id, aggregate, version, type, occurred_at, payload, place) "
    "ORDER BY e.place"};

constexpr pg::Statement kReadAggregate = {
    "journal_read_aggregate", "SELECT " STEWARD_JOURNAL_COLUMNS
                              " FROM journal j WHERE j.aggregate = $1 AND j.aggregate_version > $2 "
                              "ORDER BY j.aggregate_version LIMIT $3"};

constexpr pg::Statement kReadChanges = {
    "journal_read_changes", "SELECT " STEWARD_JOURNAL_COLUMNS
                            " FROM journal j WHERE (j.xid, j.seq) > ($1, $2) "
                            "AND j.xid < pg_snapshot_xmin(pg_current_snapshot()) "
                            "AND (cardinality($3::text[]) = 0 OR EXISTS "
                            "(SELECT 1 FROM unnest($3::text[]) p WHERE starts_with(j.type, p))) "
                            "ORDER BY j.xid, j.seq LIMIT $4"};

constexpr pg::Statement kReadAggregateChanges = {
    "journal_read_aggregate_changes",
    "SELECT " STEWARD_JOURNAL_COLUMNS
    " FROM journal j WHERE j.aggregate = $5 AND (j.xid, j.seq) > ($1, $2) "
    "AND j.xid < pg_snapshot_xmin(pg_current_snapshot()) "
    "AND (cardinality($3::text[]) = 0 OR EXISTS "
    "(SELECT 1 FROM unnest($3::text[]) p WHERE starts_with(j.type, p))) "
    "ORDER BY j.aggregate_version LIMIT $4"};

constexpr pg::Statement kHorizon = {"journal_horizon",
                                    "SELECT pg_snapshot_xmin(pg_current_snapshot())"};

absl::Status CheckEvent(const NewEvent& event, const google::protobuf::Message& parse_check) {
  RETURN_IF_ERROR(CheckText("aggregate", event.aggregate, kMaxTextCharacters));
  if (event.aggregate.empty() || event.aggregate_version <= 0) {
    return absl::InvalidArgumentError("event " + event.type + " has no aggregate or no version");
  }
  if (event.payload.size() > kMaxPayloadBytes) {
    return absl::InvalidArgumentError("event " + event.type + " has " +
                                      std::to_string(event.payload.size()) + " bytes");
  }
  // The protobuf library writes invalid UTF-8 without a word and then cannot read it back.
  std::unique_ptr<google::protobuf::Message> parsed(parse_check.New());
  if (!parsed->ParseFromString(event.payload)) {
    return absl::InvalidArgumentError("event " + event.type + " does not parse back");
  }
  if (event.payload.empty() || EventName(*parsed) != event.type) {
    return absl::InvalidArgumentError("event " + event.type + " is named wrongly");
  }
  return absl::OkStatus();
}

pg::Params WithOrigin(pg::Params params, const Origin& origin) {
  return std::move(params.Add(origin.actor)
                       .Add(origin.correlation)
                       .Add(origin.causation)
                       .Add(origin.traceparent));
}

void QueueMany(pg::Tx& tx, const Origin& origin, const std::vector<NewEvent>& events) {
  std::vector<Uuid> ids;
  std::vector<std::string> aggregates, types, payloads;
  std::vector<int64_t> versions;
  std::vector<Time> times;
  for (const NewEvent& event : events) {
    ids.push_back(event.event_id);
    aggregates.push_back(event.aggregate);
    versions.push_back(event.aggregate_version);
    types.push_back(event.type);
    times.push_back(event.occurred_at);
    payloads.push_back(event.payload);
  }
  tx.Queue(kAppend, WithOrigin(pg::Params()
                                   .AddUuids(ids)
                                   .AddTexts(aggregates)
                                   .AddInts(versions)
                                   .AddTexts(types)
                                   .AddTimes(times)
                                   .AddBytesArray(payloads),
                               origin));
}

}  // namespace

NewEvent MakeEvent(IdGenerator& ids, Time now, std::string aggregate, int64_t version,
                   Time occurred_at, const google::protobuf::Message& topic_message) {
  return {.event_id = ids.NewId(now),
          .aggregate = std::move(aggregate),
          .aggregate_version = version,
          .type = EventName(topic_message),
          .occurred_at = occurred_at,
          .payload = topic_message.SerializeAsString()};
}

absl::Status Append(pg::Tx& tx, const Origin& origin, const std::vector<NewEvent>& events,
                    const google::protobuf::Message& parse_check) {
  if (events.empty()) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckText("actor", origin.actor, kMaxTextCharacters));
  RETURN_IF_ERROR(CheckText("correlation", origin.correlation, kMaxTextCharacters));
  RETURN_IF_ERROR(CheckText("causation", origin.causation, kMaxTextCharacters));
  RETURN_IF_ERROR(CheckText("traceparent", origin.traceparent, kMaxTextCharacters));
  for (const NewEvent& event : events) {
    RETURN_IF_ERROR(CheckEvent(event, parse_check));
  }
  if (events.size() > kFewEvents) {
    QueueMany(tx, origin, events);
    return absl::OkStatus();
  }
  for (const NewEvent& event : events) {
    tx.Queue(kAppendOne, WithOrigin(pg::Params()
                                        .Add(event.event_id)
                                        .Add(event.aggregate)
                                        .Add(event.aggregate_version)
                                        .Add(event.type)
                                        .Add(event.occurred_at)
                                        .AddBytes(event.payload),
                                    origin));
  }
  return absl::OkStatus();
}

std::vector<JournalRow> ToRows(const pg::Result& result) {
  std::vector<JournalRow> rows;
  rows.reserve(static_cast<size_t>(result.rows()));
  for (int i = 0; i < result.rows(); ++i) {
    rows.push_back({.xid = result.Xid8(i, 0),
                    .seq = result.Int(i, 1),
                    .event_id = result.Uuid(i, 2),
                    .aggregate = result.Text(i, 3),
                    .aggregate_version = result.Int(i, 4),
                    .type = result.Text(i, 5),
                    .occurred_at = result.Timestamp(i, 6),
                    .recorded_at = result.Timestamp(i, 7),
                    .actor = result.Text(i, 8),
                    .correlation = result.Text(i, 9),
                    .causation = result.Text(i, 10),
                    .traceparent = result.Text(i, 11),
                    .payload = result.Bytes(i, 12)});
  }
  return rows;
}

absl::StatusOr<std::vector<JournalRow>> ReadAggregate(pg::Connection& connection,
                                                      std::string_view aggregate,
                                                      int64_t after_version, int limit) {
  ASSIGN_OR_RETURN(
      pg::Result result,
      connection.Run(kReadAggregate,
                     pg::Params().Add(aggregate).Add(after_version).Add(int64_t{limit})));
  return ToRows(result);
}

absl::StatusOr<std::vector<JournalRow>> ReadChanges(pg::Connection& connection, Position after,
                                                    std::string_view aggregate,
                                                    const std::vector<std::string>& type_prefixes,
                                                    int limit) {
  pg::Params params;
  params.AddXid8(after.xid).Add(after.seq).AddTexts(type_prefixes).Add(int64_t{limit});
  if (!aggregate.empty()) {
    params.Add(aggregate);
  }
  ASSIGN_OR_RETURN(
      pg::Result result,
      connection.Run(aggregate.empty() ? kReadChanges : kReadAggregateChanges, params));
  return ToRows(result);
}

absl::StatusOr<Position> EndPosition(pg::Connection& connection) {
  ASSIGN_OR_RETURN(pg::Result result, connection.Run(kHorizon));
  return Position{.xid = result.Xid8(0, 0) - 1, .seq = std::numeric_limits<int64_t>::max()};
}

}  // namespace steward::eventing
