#pragma once
// Leaderboards in Redis: a sorted set each, and the revision of the measure that it stands for, written in one MULTI. A copy of another
// revision is as good as none; whoever reads PostgreSQL then writes the copy anew.
//   scoring:board:{query}      subject -> -total: equal totals lie by name
//   scoring:board:{query}:head the revision
// Every key lives for a day.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "libs/metrics/registry.h"
#include "libs/redis/client.h"
#include "services/scoring/storage/leaderboard_reads.h"

namespace steward::scoring {

struct TopPlaces {
  std::vector<BoardPlace> places;
  std::optional<BoardPlace> own;
  int64_t subjects = 0;
};
// The first `top` of a whole board, and the place of `subject` ("" = nobody's).
TopPlaces TopOf(const WholeBoard& board, int top, const std::string& subject);

// Thread-safe.
class LeaderboardCopy {
 public:
  LeaderboardCopy(redis::Options options, metrics::Registry* registry);
  // nullopt: there is no copy of this revision, or Redis does not answer. Counted in steward_cache_requests_total{cache="leaderboard"}.
  std::optional<TopPlaces> Read(const BoardQuery& query, int64_t revision, int top,
                                const std::string& subject);
  // Boards that are too large, or whose totals a sorted set cannot hold exactly, are not written.
  void Write(const BoardQuery& query, const WholeBoard& board);

 private:
  std::unique_ptr<redis::Client> Take();
  void Give(std::unique_ptr<redis::Client> client);

  redis::Options options_;
  metrics::Registry* registry_;
  metrics::Counter hit_, miss_, error_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<redis::Client>> idle_;  // never more than there are RPC workers
};

}  // namespace steward::scoring
