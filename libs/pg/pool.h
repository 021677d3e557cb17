#pragma once
// One connection per worker, opened on first use and replaced after a loss. No check-out, no starvation.

#include <memory>
#include <vector>

#include "libs/pg/connection.h"

namespace steward::pg {

class WorkerConnections {
 public:
  WorkerConnections(Options options, int workers, metrics::Registry* registry);
  // The connection of this worker; opens or replaces it when needed (UNAVAILABLE when that fails). Only the
  // worker's own thread may use it.
  [[nodiscard]] absl::StatusOr<Connection*> Get(int worker);

 private:
  Options options_;
  metrics::Registry* registry_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace steward::pg
