#include "libs/pg/tx.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "libs/base/backoff.h"
#include "libs/base/clock.h"
#include "libs/pg/pipeline.h"
#include "libs/pg/session.h"
#include "libs/runtime/failpoint.h"

namespace steward::pg {

using internal::Command;
using internal::FlushOutcome;
using internal::Pipeline;

namespace {

constexpr Statement kBegin{"begin", "BEGIN"};
constexpr Statement kCommit{"commit", "COMMIT"};
constexpr Statement kRollback{"rollback", "ROLLBACK"};
constexpr Statement kAsynchronous{"set_asynchronous_commit", "SET LOCAL synchronous_commit = off"};
constexpr Statement kTimeouts{"set_timeouts",
                              "SELECT set_config('statement_timeout', $1, true), "
                              "set_config('lock_timeout', $2, true)"};
constexpr Statement kLockOne{"lock", "SELECT pg_advisory_xact_lock($1)"};
constexpr Statement kLockOneShared{"lock_shared", "SELECT pg_advisory_xact_lock_shared($1)"};
// The inner query is ordered and cannot be merged into the outer one: locks are taken in that order.
constexpr Statement kLockMany{"lock_many",
                              "SELECT CASE WHEN shared THEN pg_advisory_xact_lock_shared(hash) "
                              "ELSE pg_advisory_xact_lock(hash) END "
                              "FROM (SELECT hash, shared FROM unnest($1::bigint[], $2::boolean[]) "
                              "WITH ORDINALITY AS k (hash, shared, i) ORDER BY i) AS sorted"};
constexpr Statement kTryLock{"try_lock",
                             "SELECT CASE WHEN shared THEN pg_try_advisory_xact_lock_shared(hash) "
                             "ELSE pg_try_advisory_xact_lock(hash) END "
                             "FROM (SELECT hash, shared FROM unnest($1::bigint[], $2::boolean[]) "
                             "WITH ORDINALITY AS k (hash, shared, i) ORDER BY i) AS sorted"};

// A session limit that is too long by less than this is not worth a statement.
constexpr Duration kSlack = Seconds(1);

Params LockParams(const std::vector<LockKey>& keys) {
  std::vector<int64_t> hashes;
  std::vector<bool> shared;
  for (const LockKey& key : keys) {
    hashes.push_back(static_cast<int64_t>(key.hash));
    shared.push_back(key.shared);
  }
  return Params().AddInts(hashes).AddBools(shared);
}

std::string_view RetryReason(std::string_view sqlstate) {
  if (sqlstate == "40001") {
    return "serialization";
  }
  return sqlstate == "40P01" ? "deadlock" : "";
}

}  // namespace

Command internal::SetTimeouts(Duration statement, Duration lock) {
  const auto text = [](Duration d) {
    return std::to_string(std::max<int64_t>(1, d.micros / 1'000)) + "ms";
  };
  return {kTimeouts, Params().Add(text(statement)).Add(text(lock)), nullptr};
}

struct Tx::Impl {
  Pipeline& pipeline;
  const TxOptions& options;
  int64_t deadline;  // MonotonicMicros
  std::vector<Command> queue = {};
  bool begun = false;
  bool claimed = false;
  uint64_t highest_lock = 0;
  bool has_lock = false;
  std::optional<Duration> lock_timeout = {};
  absl::Status broken = {};
  std::string_view retry_reason = {};
  std::vector<std::function<void()>> after_commit = {};

  static Pipeline& PipelineOf(Connection& connection) { return *connection.impl_->pipeline; }

  Duration TimeLeft() const { return Duration{deadline - MonotonicMicros()}; }

  // What the session's limits are replaced by.
  Command Timeouts() const {
    const Duration left = TimeLeft();
    return internal::SetTimeouts(
        std::min(left, internal::kSessionStatementTimeout),
        lock_timeout.value_or(std::min(left, internal::kSessionLockTimeout)));
  }

  // BEGIN and what the session's settings do not fit, in front of what is queued.
  void QueueBegin() {
    std::vector<Command> first;
    first.push_back({kBegin, {}, nullptr});
    if (lock_timeout || TimeLeft() < internal::kSessionStatementTimeout - kSlack) {
      first.push_back(Timeouts());
    }
    if (options.asynchronous_commit) {
      first.push_back({kAsynchronous, {}, nullptr});
    }
    queue.insert(queue.begin(), std::make_move_iterator(first.begin()),
                 std::make_move_iterator(first.end()));
    begun = true;
  }

  FlushOutcome Send() {
    FlushOutcome outcome;
    if (TimeLeft() <= Duration{0}) {
      outcome.status =
          Refuse(absl::StatusCode::kDeadlineExceeded, std::string(options.name) + ": no time left",
                 {.reason = "OUT_OF_TIME"});
    } else {
      outcome = pipeline.Flush(queue, deadline + internal::kGrace.micros);
    }
    if (!outcome.status.ok()) {
      broken = outcome.status;
      retry_reason = outcome.lost ? "" : RetryReason(outcome.sqlstate);
    }
    return outcome;
  }

  absl::Status Flush() {
    RETURN_IF_ERROR(broken);
    if (queue.empty() && !pipeline.awaits_answers()) {
      return absl::OkStatus();
    }
    if (!begun) {
      QueueBegin();
    }
    Send();
    queue.clear();
    return broken;
  }

  absl::Status Start() {
    RETURN_IF_ERROR(broken);
    if (!begun) {
      internal::Die("Send before the transaction's first Flush");
    }
    broken = pipeline.Start(std::exchange(queue, {})).status;
    return broken;
  }

  absl::Status Commit() {
    RETURN_IF_ERROR(broken);
    if (!begun && queue.empty()) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(runtime::Failpoint("tx.before_commit"));
    if (!begun) {
      QueueBegin();
    }
    queue.push_back({kCommit, {}, nullptr});
    const FlushOutcome outcome = Send();
    const std::string tag = queue.back().tag;
    queue.clear();
    if (tag == "COMMIT") {  // also when the connection broke right after
      return absl::OkStatus();
    }
    if (outcome.lost && !outcome.refused) {
      return Refuse(absl::StatusCode::kUnavailable,
                    "the connection was lost during COMMIT; repeat with the same request_id to "
                    "learn the outcome",
                    {.reason = "COMMIT_OUTCOME_UNKNOWN"});
    }
    if (outcome.status.ok()) {
      return absl::InternalError(ToAbsl("COMMIT answered " + tag));
    }
    return outcome.status;
  }

  void Rollback() {
    queue.clear();
    if (!begun || !pipeline.healthy() || !pipeline.in_transaction()) {
      return;
    }
    queue.push_back({kRollback, {}, nullptr});
    pipeline.Flush(queue, MonotonicMicros() + internal::kGrace.micros);
    if (pipeline.healthy() && pipeline.in_transaction()) {
      internal::Die("ROLLBACK left a transaction open");
    }
  }

  void NoteLocks(const std::vector<LockKey>& sorted, const char* what) {
    if (claimed) {
      internal::Die(std::string(what) + " after the idempotency claim");
    }
    for (const LockKey& key : sorted) {
      highest_lock = has_lock ? std::max(highest_lock, key.hash) : key.hash;
      has_lock = true;
    }
  }
};

const Result* Pending::operator->() const {
  if (slot_ == nullptr) {
    internal::Die("a Pending that was never queued");
  }
  return slot_.get();
}

const Result& Pending::operator*() const { return *operator->(); }

void Tx::Lock(std::vector<LockKey> keys) {
  std::sort(keys.begin(), keys.end());  // of one hash the exclusive one first
  keys.erase(std::unique(keys.begin(), keys.end(),
                         [](const LockKey& a, const LockKey& b) { return a.hash == b.hash; }),
             keys.end());
  if (keys.empty()) {
    return;
  }
  if (impl_->has_lock && keys.front().hash <= impl_->highest_lock) {
    internal::Die("a second Lock names a key that sorts before one already taken");
  }
  impl_->NoteLocks(keys, "Lock");
  if (keys.size() == 1) {
    Queue(keys[0].shared ? kLockOneShared : kLockOne,
          Params().Add(static_cast<int64_t>(keys[0].hash)));
  } else {
    Queue(kLockMany, LockParams(keys));
  }
}

absl::StatusOr<std::vector<bool>> Tx::TryLock(const std::vector<LockKey>& keys) {
  impl_->NoteLocks(keys, "TryLock");
  ASSIGN_OR_RETURN(const Result rows, Run(kTryLock, LockParams(keys)));
  std::vector<bool> held;
  for (int i = 0; i < rows.rows(); ++i) {
    held.push_back(rows.Bool(i, 0));
  }
  return held;
}

void Tx::MarkClaimed() { impl_->claimed = true; }

Pending Tx::Queue(const Statement& statement, const Params& params) {
  Pending pending;
  pending.slot_ = std::make_shared<Result>();
  impl_->queue.push_back({statement, params, pending.slot_});
  return pending;
}

absl::Status Tx::Flush() { return impl_->Flush(); }

absl::Status Tx::Send() { return impl_->Start(); }

absl::StatusOr<Result> Tx::Run(const Statement& statement, const Params& params) {
  const Pending rows = Queue(statement, params);
  RETURN_IF_ERROR(Flush());
  return *rows;
}

void Tx::AfterCommit(std::function<void()> action) {
  impl_->after_commit.push_back(std::move(action));
}

void Tx::SetLockTimeout(Duration timeout) {
  impl_->lock_timeout = timeout;
  if (impl_->begun) {
    impl_->queue.push_back(impl_->Timeouts());
  }
}

Time Tx::deadline() const { return SystemClock().Now() + impl_->TimeLeft(); }

absl::Status RunInTx(Connection& connection, const TxOptions& options,
                     const std::function<absl::Status(Tx&)>& body) {
  Pipeline& pipeline = Tx::Impl::PipelineOf(connection);
  const int64_t deadline = MonotonicMicros() + options.budget.micros;
  Backoff backoff(Milliseconds(5), Milliseconds(50),
                  static_cast<uint64_t>(deadline) ^ static_cast<uint64_t>(connection.backend_pid())
                                                        << 32);
  for (int attempt = 1;; ++attempt) {
    Tx::Impl state{.pipeline = pipeline, .options = options, .deadline = deadline};
    pipeline.SetBusy(true);
    Tx tx(&state);
    absl::Status status = body(tx);
    if (status.ok()) {
      status = state.Commit();
    }
    if (!status.ok()) {
      state.Rollback();
    }
    pipeline.SetBusy(false);
    if (status.ok()) {
      for (const auto& action : state.after_commit) {
        action();
      }
      return status;
    }
    const Duration wait = backoff.Next();
    if (state.retry_reason.empty() || attempt >= options.max_attempts || state.TimeLeft() <= wait) {
      return status;
    }
    if (pipeline.registry() != nullptr) {
      pipeline.registry()
          ->GetCounter("steward_db_transaction_retries_total",
                       "Transactions repeated after a serialization failure or a deadlock.",
                       {{"reason", std::string(state.retry_reason)}})
          .Add();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(wait.micros));
  }
}

}  // namespace steward::pg
