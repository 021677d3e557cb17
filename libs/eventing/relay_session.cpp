#include "libs/eventing/relay_session.h"

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/eventing/journal_rows.h"
#include "libs/log/log.h"

namespace steward::eventing {
namespace {

constexpr Duration kSilence = Seconds(5);
constexpr Duration kWorkingPoll = Seconds(1);
constexpr Duration kSpeakEvery = Milliseconds(400);

constexpr pg::Statement kTryLock = {"relay_lock", "SELECT pg_try_advisory_lock($1, $2)"};
constexpr pg::Statement kOwner = {
    "relay_owner",
    "SELECT a.pid, a.state_change, coalesce(a.state LIKE 'idle%' OR a.wait_event = 'ClientWrite', "
    "false) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' "
    "AND l.granted AND l.objsubid = 2 AND l.classid::bigint = $1 AND l.objid::bigint = $2 "
    "AND a.state_change IS NOT NULL AND l.database = "
    "(SELECT d.oid FROM pg_database d WHERE d.datname = current_database())"};
constexpr pg::Statement kEndOwner = {"relay_end_owner",
                                     "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a "
                                     "WHERE a.pid::bigint = $1 AND a.state_change = $2"};
constexpr pg::Statement kSpeak = {"relay_speak", "SELECT 1"};
constexpr pg::Statement kPrepared = {"relay_prepared",
                                     "SELECT current_setting('max_prepared_transactions')::bigint"};
constexpr pg::Statement kIdentity = {
    "relay_identity",
    "SELECT s.system_identifier, pg_snapshot_xmax(pg_current_snapshot()) FROM pg_control_system() "
    "s"};
constexpr pg::Statement kReadCursor = {
    "relay_cursor_read",
    "SELECT c.xid, c.seq, c.system_identifier, c.kafka_cluster FROM journal_cursor c"};
constexpr pg::Statement kReadAcknowledged = {
    "relay_acknowledged_read",
    "SELECT a.topic, a.partition, a.end_offset FROM journal_acknowledged a"};
constexpr pg::Statement kMoveCursor = {
    "relay_cursor_move",
    "WITH moved AS (UPDATE journal_cursor c SET xid = $3, seq = $4, move_time = clock_timestamp() "
    "WHERE c.only_row AND c.xid = $1 AND c.seq = $2 RETURNING 1) "
    "INSERT INTO journal_acknowledged AS a (topic, partition, end_offset) "
    "SELECT e.topic, e.partition, e.upto "
    "FROM unnest($5::text[], $6::integer[], $7::bigint[]) AS e(topic, partition, upto) "
    "WHERE EXISTS (SELECT 1 FROM moved) ON CONFLICT (topic, partition) "
    "DO UPDATE SET end_offset = greatest(a.end_offset, excluded.end_offset)"};
constexpr pg::Statement kAdopt = {
    "relay_cursor_adopt",
    "UPDATE journal_cursor c SET xid = $3, seq = $4, system_identifier = "
    "(SELECT s.system_identifier FROM pg_control_system() s), kafka_cluster = $5, "
    "move_time = clock_timestamp() WHERE c.only_row AND c.xid = $1 AND c.seq = $2"};
constexpr pg::Statement kSetAcknowledged = {
    "relay_acknowledged_set",
    "INSERT INTO journal_acknowledged AS a (topic, partition, end_offset) "
    "SELECT e.topic, e.partition, e.upto "
    "FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS e(topic, partition, upto) "
    "ON CONFLICT (topic, partition) DO UPDATE SET end_offset = excluded.end_offset"};
constexpr pg::Statement kFind = {
    "relay_find",
    "SELECT j.xid, j.seq, j.payload FROM journal j "
    "WHERE j.aggregate = $1 AND j.aggregate_version = $2 AND j.event_id = $3"};
constexpr pg::Statement kStepBack = {
    "relay_step_back",
    "SELECT j.xid, j.seq FROM journal j WHERE (j.xid, j.seq) <= ($1, $2) "
    "ORDER BY j.xid DESC, j.seq DESC OFFSET $3 LIMIT 1"};
struct EndColumns {
  std::vector<std::string> topics;
  std::vector<int32_t> partitions;
  std::vector<int64_t> offsets;
};

EndColumns Columns(const Ends& ends) {
  EndColumns columns;
  for (const auto& [key, end] : ends) {
    columns.topics.push_back(key.first);
    columns.partitions.push_back(key.second);
    columns.offsets.push_back(end);
  }
  return columns;
}

}  // namespace

const pg::Statement kRelayReadPage = {"relay_read_page",
                                      "SELECT " STEWARD_JOURNAL_COLUMNS
                                      " FROM journal j WHERE (j.xid, j.seq) > ($1, $2) "
                                      "AND j.xid < pg_snapshot_xmin(pg_current_snapshot()) "
                                      "ORDER BY j.xid, j.seq LIMIT $3"};

// The cursor is read by subqueries: joined, its row would be compared with every row of the journal. Beyond 10,000 rows
// the count would take long, and the distance of the identities is good enough.
#define STEWARD_BEHIND_CURSOR                                                     \
  "FROM journal j WHERE (j.xid, j.seq) > "                                        \
  "((SELECT c.xid FROM journal_cursor c), (SELECT c.seq FROM journal_cursor c)) " \
  "ORDER BY j.xid, j.seq LIMIT "
const pg::Statement kRelayBacklog = {
    "relay_backlog",
    "WITH near AS (SELECT count(*) AS n FROM (SELECT 1 " STEWARD_BEHIND_CURSOR
    "10000) AS counted) "
    "SELECT (SELECT CASE WHEN near.n < 10000 THEN near.n ELSE greatest(near.n, "
    "(SELECT s.last_value FROM journal_seq_seq s) - (SELECT c.seq FROM journal_cursor c)) END "
    "FROM near), "
    "coalesce((SELECT extract(epoch FROM clock_timestamp() - j.recorded_at) " STEWARD_BEHIND_CURSOR
    "1), 0)::double precision, "
    "coalesce((SELECT extract(epoch FROM max(clock_timestamp() - a.xact_start)) "
    "FROM pg_stat_activity a WHERE a.backend_xid IS NOT NULL), 0)::double precision"};

pg::Params RelayPageParams(Position after, int limit) {
  return pg::Params().AddXid8(after.xid).Add(after.seq).Add(int64_t{limit});
}

absl::StatusOr<std::unique_ptr<RelaySession>> RelaySession::Open(const pg::Options& options,
                                                                 metrics::Registry& registry) {
  ASSIGN_OR_RETURN(auto connection, pg::Connection::Open(options, &registry));
  return std::unique_ptr<RelaySession>(new RelaySession(std::move(connection)));
}

absl::StatusOr<pg::Result> RelaySession::Run(const pg::Statement& statement,
                                             const pg::Params& params) {
  auto result = connection_->Run(statement, params);
  spoke_micros_ = MonotonicMicros();
  return result;
}

absl::StatusOr<bool> RelaySession::TryLock() {
  ASSIGN_OR_RETURN(pg::Result result,
                   Run(kTryLock, pg::Params().Add(kRelayLockClass).Add(kRelayLockId)));
  return result.Bool(0, 0);
}

absl::Status RelaySession::WatchOwner() {
  const int64_t asked = MonotonicMicros();
  ASSIGN_OR_RETURN(
      pg::Result result,
      Run(kOwner, pg::Params().Add(int64_t{kRelayLockClass}).Add(int64_t{kRelayLockId})));
  const int64_t now = MonotonicMicros();
  const bool working = now - asked < kWorkingPoll.micros;
  if (result.rows() != 1 || !result.Bool(0, 2) || !working) {
    owner_.reset();
    return absl::OkStatus();
  }
  const std::pair<int64_t, Time> owner{result.Int(0, 0), result.Timestamp(0, 1)};
  if (owner_ != owner) {
    owner_ = owner;
    silent_since_ = now;
    return absl::OkStatus();
  }
  if (now - silent_since_ < kSilence.micros) {
    return absl::OkStatus();
  }
  log::Warning("relay owner is silent; ending its backend", {{"pid", owner.first}});
  owner_.reset();
  return Run(kEndOwner, pg::Params().Add(owner.first).Add(owner.second)).status();
}

absl::Status RelaySession::Speak() {
  if (MonotonicMicros() - spoke_micros_ < kSpeakEvery.micros) {
    return absl::OkStatus();
  }
  return Run(kSpeak).status();
}

absl::Status RelaySession::CheckPrepared() {
  ASSIGN_OR_RETURN(pg::Result result, Run(kPrepared));
  if (result.Int(0, 0) > 0) {
    return absl::FailedPreconditionError(
        "max_prepared_transactions is not 0: a forgotten prepared transaction would hold every "
        "event back");
  }
  return absl::OkStatus();
}

absl::Status RelaySession::CheckIdentity(const RelayCursor& cursor) {
  ASSIGN_OR_RETURN(pg::Result result, Run(kIdentity));
  if (cursor.system_identifier && *cursor.system_identifier != result.Int(0, 0)) {
    return absl::FailedPreconditionError(
        "the cursor belongs to another PostgreSQL cluster: the database was restored elsewhere");
  }
  if (cursor.at.xid >= result.Xid8(0, 1)) {
    return absl::FailedPreconditionError(
        "the cursor is ahead of this database's transactions: an older state was restored");
  }
  return absl::OkStatus();
}

absl::StatusOr<RelayCursor> RelaySession::ReadCursor() {
  ASSIGN_OR_RETURN(pg::Result row, Run(kReadCursor));
  ASSIGN_OR_RETURN(pg::Result ends, Run(kReadAcknowledged));
  if (row.rows() != 1) {
    return absl::FailedPreconditionError("journal_cursor has no row");
  }
  RelayCursor cursor{.at = {row.Xid8(0, 0), row.Int(0, 1)},
                     .system_identifier = row.OptionalInt(0, 2),
                     .kafka_cluster = row.Text(0, 3),
                     .acknowledged = {}};
  for (int i = 0; i < ends.rows(); ++i) {
    cursor.acknowledged[{ends.Text(i, 0), static_cast<int>(ends.Int(i, 1))}] = ends.Int(i, 2);
  }
  return cursor;
}

absl::StatusOr<std::vector<JournalRow>> RelaySession::ReadPage(Position after, int limit) {
  ASSIGN_OR_RETURN(pg::Result result, Run(kRelayReadPage, RelayPageParams(after, limit)));
  return ToRows(result);
}

absl::Status RelaySession::MoveCursor(Position from, Position to, const Ends& ends) {
  const EndColumns columns = Columns(ends);
  pg::Pending moved;
  const absl::Status status = pg::RunInTx(
      *connection_, {.asynchronous_commit = true, .name = "relay_cursor"}, [&](pg::Tx& tx) {
        moved = tx.Queue(kMoveCursor, pg::Params()
                                          .AddXid8(from.xid)
                                          .Add(from.seq)
                                          .AddXid8(to.xid)
                                          .Add(to.seq)
                                          .AddTexts(columns.topics)
                                          .AddInt32s(columns.partitions)
                                          .AddInts(columns.offsets));
        return absl::OkStatus();
      });
  spoke_micros_ = MonotonicMicros();
  RETURN_IF_ERROR(status);
  return moved->affected() > 0 ? absl::OkStatus()
                               : absl::AbortedError("the cursor was moved by another");
}

absl::Status RelaySession::Adopt(const RelayCursor& from, Position to,
                                 const std::string& kafka_cluster, const Ends& ends) {
  const EndColumns columns = Columns(ends);
  return pg::RunInTx(*connection_, {.name = "relay_adopt"}, [&](pg::Tx& tx) -> absl::Status {
    const pg::Pending moved = tx.Queue(kAdopt, pg::Params()
                                                   .AddXid8(from.at.xid)
                                                   .Add(from.at.seq)
                                                   .AddXid8(to.xid)
                                                   .Add(to.seq)
                                                   .Add(kafka_cluster));
    RETURN_IF_ERROR(tx.Flush());
    if (moved->affected() != 1) {
      return absl::AbortedError("the cursor was moved by another");
    }
    tx.Queue(kSetAcknowledged, pg::Params()
                                   .AddTexts(columns.topics)
                                   .AddInt32s(columns.partitions)
                                   .AddInts(columns.offsets));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<JournalMatch>> RelaySession::Find(const Uuid& event_id,
                                                               std::string_view aggregate,
                                                               int64_t version) {
  ASSIGN_OR_RETURN(pg::Result result,
                   Run(kFind, pg::Params().Add(aggregate).Add(version).Add(event_id)));
  if (result.rows() == 0) {
    return std::nullopt;
  }
  return JournalMatch{{result.Xid8(0, 0), result.Int(0, 1)}, result.Bytes(0, 2)};
}

absl::StatusOr<Position> RelaySession::StepBack(Position at, int64_t rows) {
  ASSIGN_OR_RETURN(pg::Result result,
                   Run(kStepBack, pg::Params().AddXid8(at.xid).Add(at.seq).Add(rows)));
  return result.rows() == 0 ? Position{} : Position{result.Xid8(0, 0), result.Int(0, 1)};
}

absl::StatusOr<RelaySession::Backlog> RelaySession::ReadBacklog() {
  ASSIGN_OR_RETURN(pg::Result result, Run(kRelayBacklog));
  return Backlog{result.Int(0, 0), result.Double(0, 1), result.Double(0, 2)};
}

}  // namespace steward::eventing
