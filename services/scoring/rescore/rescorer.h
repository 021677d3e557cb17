#pragma once
// Keeps scores current. A thread takes marked leads, oldest first, and the sweep over all open ones, both in bounded batches; of all
// replicas one at a time. A sweep begins when a model was activated or somebody asked, when the company's day turns, and at most once a
// minute when outcomes were counted.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/pg/connection.h"
#include "services/scoring/rescore/metrics.h"
#include "services/scoring/rescore/rescore.h"

namespace steward::scoring {

class Rescorer {
 public:
  struct Deps {
    pg::Options pg;  // a connection of its own, and a second one for sweeps
    const Clock* clock = nullptr;
    IdGenerator* ids = nullptr;
    absl::TimeZone zone;
    std::function<std::map<std::string, std::string>()> parents;  // team -> team above
    const RescoreMetrics* metrics = nullptr;                      // may be null
    std::function<void()> said;  // events were written; may be empty
    int batch = 1000;            // marks in one transaction, and leads that are scored at once
    int batches = 8;             // of a sweep in one round, unless they take too long
  };
  explicit Rescorer(Deps deps);
  ~Rescorer();
  void Start();
  void Stop();
  // Something was marked.
  void Poke();

  // One batch. Whether there is more to do at once.
  absl::StatusOr<bool> Step(pg::Connection& db);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::scoring
