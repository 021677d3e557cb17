#pragma once
// Takes leads back to the pool that their owner has not touched for some days: everything that is due and not yet done, each once,
// whoever else runs at the same time or was down in between.

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/pg/connection.h"
#include "libs/runtime/periodic.h"
#include "services/leads/lead_metrics.h"

namespace steward::leads {

struct RecyclerDeps {
  pg::Options pg;
  const Clock* clock = nullptr;
  IdGenerator* ids = nullptr;
  int days = 0;     // 0 = off
  int batch = 100;  // leads in one transaction
  Duration interval = Minutes(1);
  const LeadMetrics* metrics = nullptr;
  std::function<void()> recycled = {};  // after each commit: events are there
};

class Recycler {
 public:
  explicit Recycler(RecyclerDeps deps);
  ~Recycler() { Stop(); }
  void Start();
  void Stop();

  // All that is due now, batch by batch; how many were taken back.
  absl::StatusOr<int> RunOnce();

 private:
  absl::StatusOr<int> Batch(pg::Connection& db, const std::vector<Uuid>& ids, Time now);

  RecyclerDeps deps_;
  std::unique_ptr<pg::Connection> db_;  // of the worker's thread
  runtime::Periodic periodic_;
};

}  // namespace steward::leads
