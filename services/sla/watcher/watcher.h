#pragma once
// Fires thresholds: never early, each once, at the instant. Any number of replicas; each owns shards (shards.h). The timer
// table is swept four times a second for what is due within the next second; between sweeps the thread sleeps to the next instant.

#include <memory>
#include <string>
#include <vector>

#include "libs/eventing/consumer.h"
#include "libs/identity/projection.h"
#include "services/sla/storage/batch.h"
#include "services/sla/storage/rules.h"
#include "services/sla/watcher/metrics.h"

namespace steward::sla {

struct WatcherDeps {
  pg::Options pg;     // its own connection
  std::string group;  // consumer group whose inputs must be caught up (ruling H1)
  std::vector<eventing::Input> inputs;
  Duration max_hold = Seconds(30);  // then accusations fire, marked `input_stale`
  RuleCache* rules = nullptr;
  const identity::OrgCache* org = nullptr;
  IdGenerator* ids = nullptr;
  SlaMetrics* metrics = nullptr;
  std::function<void()> fired;  // after a commit: poke the relay
};

struct WatcherSnapshot {
  std::vector<int> shards;
  int watchers = 0;
  bool frozen = false;
  Duration clock_offset;
  bool held = false;
  Duration oldest_due_age;
};

class Watcher {
 public:
  explicit Watcher(WatcherDeps deps);
  ~Watcher();
  void Start();
  void Stop();
  // New timers of this process; wakes the thread when one is nearer than the next sweep. Thread-safe.
  void Armed(const std::vector<Batch::Armed>& armed);
  WatcherSnapshot snapshot() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::sla
