#pragma once
// The live board in Redis. Of all replicas one projects: it follows the journal and stores its position with what it writes (ruling
// H26). It builds the board anew when it takes over, when Redis lost or holds something else than it wrote, and on demand. Any
// replica reads. Whenever the copy is missing or older than 5 s, PostgreSQL answers and the metric says so.

#include <functional>
#include <memory>
#include <optional>

#include "libs/base/clock.h"
#include "libs/metrics/registry.h"
#include "libs/pg/connection.h"
#include "libs/redis/client.h"
#include "services/sla/api/clocks_api.h"

namespace steward::sla {

class Board final : public BoardMirror {
 public:
  struct Deps {
    pg::Options pg;  // its own connection
    redis::Options redis;
    const ::steward::Clock* clock;  // the database's
    metrics::Registry* metrics;
    // Firing is behind: the board gives way to it, down to one page a second (2,000 clocks of a build, 1,000 changes). May be
    // empty.
    std::function<bool()> firing_behind = {};
  };
  explicit Board(Deps deps);
  ~Board() override;
  // The projector's thread: works when no other replica does.
  void Start();
  void Stop();

  // Thread-safe. Counted in steward_cache_requests_total{cache="board"} as hit, miss or error.
  std::optional<v1::Board> Read(int limit) override;
  // Thread-safe, from any replica: takes the board away; the projector misses it within a round and builds another.
  absl::Status Rebuild() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::sla
