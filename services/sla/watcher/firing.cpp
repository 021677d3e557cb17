#include "services/sla/watcher/firing.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "libs/base/status.h"
#include "libs/runtime/failpoint.h"
#include "services/sla/events/sla_events.h"
#include "services/sla/storage/clocks.h"
#include "services/sla/storage/columns.h"

namespace steward::sla {
namespace {

constexpr pg::Statement kTake{"sla_take_timers",
                              "WITH gone AS (DELETE FROM timer t USING unnest($1::smallint[], "
                              "$2::bigint[], $3::timestamptz[]) AS k(shard, id, due) "
                              "WHERE t.shard = k.shard AND t.id = k.id AND t.due = k.due AND "
                              "t.fire_at <= clock_timestamp() RETURNING t.clock) "
                              "SELECT " STEWARD_CLOCK_COLUMNS
                              " FROM clock JOIN gone "
                              "ON clock.name = gone.clock"};
constexpr pg::Statement kNow{"sla_now", "SELECT clock_timestamp()"};
constexpr pg::Statement kPostpone{
    "sla_postpone_timer",
    "UPDATE timer SET failures = failures + 1, fire_at = clock_timestamp() + least(power(2, "
    "least(failures, 9)), 300) * interval '1 s' "
    "WHERE shard = $1 AND id = $2"};
constexpr pg::Statement kNeedRecipient{
    "sla_need_recipient",
    "SELECT " STEWARD_ESCALATION_COLUMNS
    " FROM escalation "
    "WHERE state = 1 AND (recipient = '' OR recipient = ANY($1::text[])) AND name > $2 "
    "ORDER BY name LIMIT 20"};
constexpr pg::Statement kOneEscalation{"sla_one_open_escalation",
                                       "SELECT " STEWARD_ESCALATION_COLUMNS
                                       " FROM escalation WHERE name = $1 AND state = 1"};

// While PostgreSQL writes these many, the next are worked out.
constexpr int kTogether = 100;

struct Claimed {
  std::vector<int16_t> shards;
  std::vector<int64_t> ids;
  std::vector<Time> dues;
  std::vector<std::string> subjects;
};

// Subjects are tried, never waited for: a busy one is for the next batch.
absl::StatusOr<Claimed> LockSubjects(pg::Tx& tx, const std::vector<DueTimer>& timers, bool accuse,
                                     int* busy) {
  std::vector<pg::LockKey> keys;
  std::vector<const DueTimer*> wanted;
  for (const DueTimer& timer : timers) {
    if (accuse || !timer.accuses) {
      wanted.push_back(&timer);
      keys.push_back(pg::LockKey::Exclusive(timer.subject));
    }
  }
  ASSIGN_OR_RETURN(const std::vector<bool> held, tx.TryLock(keys));
  Claimed claimed;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!held[i]) {
      ++*busy;
      continue;
    }
    claimed.shards.push_back(wanted[i]->shard);
    claimed.ids.push_back(wanted[i]->id);
    claimed.dues.push_back(wanted[i]->due);
    claimed.subjects.push_back(wanted[i]->subject);
  }
  return claimed;
}

eventing::Origin WatcherOrigin() {
  return {"system:sla", "watcher", "", "00-00000000000000000000000000000001-0000000000000001-00"};
}

}  // namespace

absl::StatusOr<Fired> FireBatch(pg::Connection& connection, const WatcherDeps& deps,
                                const std::vector<DueTimer>& timers, bool accuse, bool mark_stale,
                                const std::function<Time()>& expected_now) {
  Fired fired;
  pg::TxOptions options;
  options.name = "sla_fire";
  const absl::Status status = pg::RunInTx(connection, options, [&](pg::Tx& tx) -> absl::Status {
    fired = Fired{};
    tx.Lock({SharedRuleset()});
    ASSIGN_OR_RETURN(const Claimed claimed, LockSubjects(tx, timers, accuse, &fired.busy));
    RETURN_IF_ERROR(runtime::Failpoint("watcher.after_lock"));
    if (claimed.ids.empty()) {
      return absl::OkStatus();
    }
    const pg::Pending clocks = tx.Queue(
        kTake, pg::Params().AddInt16s(claimed.shards).AddInts(claimed.ids).AddTimes(claimed.dues));
    const pg::Pending now = tx.Queue(kNow);
    const pg::Pending revision = QueueRevision(tx);
    const pg::Pending parked = eventing::QueueParkedAggregates(tx, deps.group, claimed.subjects);
    RETURN_IF_ERROR(tx.Flush());
    // The guard looks once a second; a jump in between must not let a batch see the future.
    if (std::llabs((now->Timestamp(0, 0) - expected_now()).micros) > Seconds(2).micros) {
      return absl::AbortedError("the database's clock has moved");
    }
    ASSIGN_OR_RETURN(const auto rules, deps.rules->Get(tx, revision->Int(0, 0)));
    std::set<std::string> input_parked;
    for (int i = 0; i < parked->rows(); ++i) {
      input_parked.insert(parked->Text(i, 0));
    }
    const auto org = deps.org->Get();
    const ChangeContext context{*rules, *org, *deps.ids, now->Timestamp(0, 0)};
    for (int first = 0; first < clocks->rows(); first += kTogether) {
      Batch batch(true);
      batch.SetOrigin(WatcherOrigin());
      for (int i = first; i < std::min(clocks->rows(), first + kTogether); ++i) {
        ASSIGN_OR_RETURN(const Clock clock, ReadClock(*clocks, i));
        const Policy* policy = rules->Find(clock.policy, clock.policy_version);
        const char* mark = input_parked.contains(clock.subject) ? "input_parked"
                           : mark_stale                         ? "input_stale"
                                                                : "";
        ClockChange change = FireDue(clock, *policy, *rules, context.now, accuse, mark);
        change.changed = true;  // its timer was taken: arm the next one even if nothing fired
        Put(change, *policy, {}, context, batch);
        for (const auto& [event, at] : change.events) {
          fired.firings.push_back({clock.policy, std::get<event::Fired>(event)});
        }
      }
      RETURN_IF_ERROR(batch.Queue(tx));
      RETURN_IF_ERROR(tx.Send());
    }
    return runtime::Failpoint("watcher.after_fire_before_commit");
  });
  if (!status.ok()) {
    return status;
  }
  return fired;
}

absl::Status Postpone(pg::Connection& connection, const DueTimer& timer) {
  return connection.Run(kPostpone, pg::Params().Add(timer.shard).Add(timer.id)).status();
}

namespace {

// One escalation, if nobody else is at its subject just now; true = it has another recipient.
absl::StatusOr<bool> KeepRecipient(pg::Connection& connection, const WatcherDeps& deps,
                                   const identity::Org& org, const Escalation& seen) {
  bool changed = false;
  const auto body = [&](pg::Tx& tx) -> absl::Status {
    changed = false;
    ASSIGN_OR_RETURN(const std::vector<bool> held,
                     tx.TryLock({pg::LockKey::Exclusive(seen.subject)}));
    if (!held[0]) {
      return absl::OkStatus();
    }
    const pg::Pending row = tx.Queue(kOneEscalation, pg::Params().Add(seen.name));
    const pg::Pending now = tx.Queue(kNow);
    RETURN_IF_ERROR(tx.Flush());
    if (row->rows() == 0) {
      return absl::OkStatus();
    }
    Escalation e = ReadEscalation(*row, 0);
    const std::string from = e.recipient;
    const Time at = now->Timestamp(0, 0);
    FindRecipient(org, at, e);
    if (e.recipient.empty() && at - e.detected_at > Seconds(60)) {
      const identity::Recipient found = org.Resolve(e.role, "", "", e.fallback_role, at);
      e.recipient = found.member;
      e.basis = found.member.empty() ? "pending" : found.basis;
    }
    if (e.recipient.empty() || e.recipient == from) {
      return absl::OkStatus();
    }
    e.version += 1;
    changed = true;
    Batch batch;
    batch.SetOrigin(WatcherOrigin());
    batch.PutEscalation(e);
    batch.AddEvent(
        eventing::MakeEvent(*deps.ids, at, e.name, e.version, at, ReassignedEvent(from, e)));
    return batch.Queue(tx);
  };
  RETURN_IF_ERROR(pg::RunInTx(connection, {.name = "sla_keep_recipient"}, body));
  return changed;
}

}  // namespace

absl::StatusOr<int> KeepRecipients(pg::Connection& connection, const WatcherDeps& deps,
                                   std::string& after) {
  const auto org = deps.org->Get();
  std::vector<std::string> gone;
  for (const auto& [name, member] : org->members) {
    if (!member.active()) {
      gone.push_back(name);
    }
  }
  ASSIGN_OR_RETURN(const pg::Result rows,
                   connection.Run(kNeedRecipient, pg::Params().AddTexts(gone).Add(after)));
  after = rows.rows() == 0 ? "" : rows.Text(rows.rows() - 1, 0);
  int changed = 0;
  for (int i = 0; i < rows.rows(); ++i) {
    const auto one = KeepRecipient(connection, deps, *org, ReadEscalation(rows, i));
    if (!one.ok() && !connection.healthy()) {
      return one.status();
    }
    changed += one.ok() && *one;  // what failed is tried again on the next round
  }
  return changed;
}

}  // namespace steward::sla
