#pragma once
// Transactions. RunInTx owns begin, commit and retry; the closure queues statements and flushes them when it
// needs their rows. What is still queued at its end travels with COMMIT in the same round trip.
//
//   pg::RunInTx(conn, deadline, [&](pg::Tx& tx) -> absl::Status {
//     tx.Lock({pg::LockKey::Exclusive(name)});              // first: assigns no transaction id
//     auto row = tx.Queue(kSelect, pg::Params().Add(id));
//     RETURN_IF_ERROR(tx.Flush());                          // BEGIN, lock and select: one round trip
//     ... row->Text(0, 0) ...
//     tx.Queue(kUpdate, ...);
//     return absl::OkStatus();                              // update and COMMIT: one round trip
//   });

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/pg/connection.h"

namespace steward::pg {

// A transaction-level advisory lock in the one-bigint space. Sorted by hash before they are taken (ruling H9).
struct LockKey {
  uint64_t hash;
  bool shared = false;
  static LockKey Exclusive(std::string_view name) { return {StableHash(name), false}; }
  static LockKey Shared(std::string_view name) { return {StableHash(name), true}; }
  friend auto operator<=>(const LockKey&, const LockKey&) = default;
};

class Tx;
// The rows of a queued statement; readable after the Flush that sent it, crashes before.
class Pending {
 public:
  const Result* operator->() const;
  const Result& operator*() const;

 private:
  friend class Tx;
  std::shared_ptr<Result> slot_;
};

class Tx {
 public:
  // Takes locks, sorted and without repeats. Must come before the first statement that may write; a call after
  // MarkClaimed crashes (nothing is locked after the idempotency claim, ruling H9). Several calls are allowed only when each
  // later one names locks that sort after all earlier ones, else it crashes.
  void Lock(std::vector<LockKey> keys);
  // Tries without waiting, in one round trip: which of the keys are now held. Used by the watcher.
  [[nodiscard]] absl::StatusOr<std::vector<bool>> TryLock(const std::vector<LockKey>& keys);
  void MarkClaimed();

  Pending Queue(const Statement& statement, const Params& params = {});
  // Sends what is queued and reads all rows. The first failing statement's status; the transaction is then
  // broken and RunInTx rolls back.
  [[nodiscard]] absl::Status Flush();
  // Lets the server begin with what is queued, while the caller prepares more. Its rows are there after the next
  // Flush, where a failure shows too. Not the first to be sent: BEGIN and the locks go with a Flush.
  [[nodiscard]] absl::Status Send();
  // Queue and Flush.
  [[nodiscard]] absl::StatusOr<Result> Run(const Statement& statement, const Params& params = {});
  // After a successful commit, on the same thread.
  void AfterCommit(std::function<void()> action);
  // lock_timeout for this transaction, instead of min(2 s, time left).
  void SetLockTimeout(Duration timeout);
  Time deadline() const;

  struct Impl;
  explicit Tx(Impl* impl) : impl_(impl) {}

 private:
  Impl* impl_;
};

struct TxOptions {
  Duration budget =
      Seconds(5);  // from now; a shorter one than 5 s also shortens the statement and lock timeouts
  bool asynchronous_commit = false;  // only for the relay cursor and rebuildable projections
  int max_attempts = 3;              // on 40001 and 40P01, jittered, inside the budget
  const char* name = "tx";           // label for retries
};

// READ COMMITTED. Commits when `body` returns OK, else rolls back and returns its status. Only a commit whose tag is
// COMMIT is success. The body may run several times: it must not keep effects outside the transaction.
[[nodiscard]] absl::Status RunInTx(Connection& connection, const TxOptions& options,
                                   const std::function<absl::Status(Tx&)>& body);

}  // namespace steward::pg
