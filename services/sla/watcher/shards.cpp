#include "services/sla/watcher/shards.h"

#include "libs/base/status.h"
#include "libs/log/log.h"

namespace steward::sla {
namespace {

// Lock classes in the two-int space: shards, and members who share one lock each.
constexpr pg::Statement kJoin{"sla_watcher_join", "SELECT pg_advisory_lock_shared(21325, 0)"};
constexpr pg::Statement kCount{
    "sla_watcher_count",
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 21325 AND "
    "objsubid = 2 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"};
constexpr pg::Statement kTry{"sla_shard_try", "SELECT pg_try_advisory_lock(21324, $1::integer)"};
constexpr pg::Statement kGiveUp{"sla_shard_give_up",
                                "SELECT pg_advisory_unlock(21324, $1::integer)"};
// Owners that have said nothing: idle, or stuck while PostgreSQL writes to a stopped process.
constexpr pg::Statement kSilent{
    "sla_shard_silent_owners",
    "SELECT DISTINCT a.pid::bigint FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE "
    "l.locktype = 'advisory' AND l.granted "
    "AND l.objsubid = 2 AND l.classid = 21324 AND l.database = (SELECT oid FROM pg_database WHERE "
    "datname = current_database()) "
    "AND a.pid <> pg_backend_pid() AND (a.state LIKE 'idle%' OR a.wait_event = 'ClientWrite') "
    "AND a.state_change < clock_timestamp() - interval '5 s'"};
constexpr pg::Statement kEnd{"sla_shard_end_owner", "SELECT pg_terminate_backend($1::integer)"};

constexpr int kSilentRounds = 10;  // half a second each: 5 s on working polls of our own

}  // namespace

absl::Status Shards::Join() { return connection_.Run(kJoin).status(); }

absl::Status Shards::Balance() {
  ASSIGN_OR_RETURN(const pg::Result count, connection_.Run(kCount));
  watchers_ = std::max(1, static_cast<int>(count.Int(0, 0)));
  const int fair = (kShards + watchers_ - 1) / watchers_;
  ++rounds_;
  if (static_cast<int>(held_.size()) > fair && rounds_ % 2 == 0) {
    return GiveUpOne();
  }
  if (static_cast<int>(held_.size()) < fair) {
    RETURN_IF_ERROR(EndSilentOwners());
    return Take(fair);
  }
  return absl::OkStatus();
}

absl::Status Shards::Take(int fair) {
  for (int shard = 0; shard < kShards && static_cast<int>(held_.size()) < fair; ++shard) {
    if (held_.contains(shard)) {
      continue;
    }
    ASSIGN_OR_RETURN(const pg::Result got, connection_.Run(kTry, pg::Params().Add(int32_t{shard})));
    if (got.Bool(0, 0)) {
      held_.insert(shard);
    }
  }
  return absl::OkStatus();
}

absl::Status Shards::GiveUpOne() {
  const int shard = *held_.rbegin();
  RETURN_IF_ERROR(connection_.Run(kGiveUp, pg::Params().Add(int32_t{shard})).status());
  held_.erase(shard);
  return absl::OkStatus();
}

absl::Status Shards::EndSilentOwners() {
  ASSIGN_OR_RETURN(const pg::Result silent, connection_.Run(kSilent));
  std::map<int64_t, int> seen;
  for (int i = 0; i < silent.rows(); ++i) {
    const int64_t pid = silent.Int(i, 0);
    seen[pid] = silent_rounds_[pid] + 1;
    if (seen[pid] >= kSilentRounds) {
      log::Warning("ending the backend of a silent shard owner", {{"backend", pid}});
      RETURN_IF_ERROR(connection_.Run(kEnd, pg::Params().Add(static_cast<int32_t>(pid))).status());
    }
  }
  silent_rounds_ = std::move(seen);
  return absl::OkStatus();
}

}  // namespace steward::sla
