#pragma once
// Which shards this watcher owns: session advisory locks on the watcher's own connection (ruling H29). A lost lock is a lost
// connection is a lost write; nothing here reconnects.

#include <map>
#include <set>
#include <vector>

#include "libs/pg/connection.h"
#include "services/sla/storage/clocks.h"

namespace steward::sla {

// Not thread-safe. The connection must outlive it.
class Shards {
 public:
  explicit Shards(pg::Connection& connection) : connection_(connection) {}
  // Says that this watcher lives. Once, before Balance.
  [[nodiscard]] absl::Status Join();
  // Counts live watchers, takes free shards up to a fair share, gives one surplus shard up, and ends the backend of an owner that
  // has been silent for 5 s (ruling H4). Call about twice a second.
  [[nodiscard]] absl::Status Balance();
  const std::set<int>& held() const { return held_; }
  std::vector<int64_t> HeldList() const { return {held_.begin(), held_.end()}; }
  int watchers() const { return watchers_; }

 private:
  absl::Status Take(int fair);
  absl::Status GiveUpOne();
  absl::Status EndSilentOwners();

  pg::Connection& connection_;
  std::set<int> held_;
  int watchers_ = 1;
  int rounds_ = 0;
  std::map<int64_t, int> silent_rounds_;  // by backend, as this watcher has seen it itself
};

}  // namespace steward::sla
