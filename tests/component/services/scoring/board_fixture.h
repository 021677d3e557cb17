#pragma once
// What tests of leaderboards share: an empty copy in Redis, and how a board reads.

#include "libs/testing/redis_fixture.h"
#include "services/scoring/api/leaderboards_api.h"

namespace steward::scoring {

inline std::unique_ptr<LeaderboardCopy> EmptyCopy(metrics::Registry& registry) {
  testing::RedisFixture::Shared().FlushAll();
  redis::Options redis = testing::RedisFixture::Shared().options();
  redis.command_timeout_ms = 1000;  // of a busy machine
  return std::make_unique<LeaderboardCopy>(redis, &registry);
}

// `1 members/li 300`.
inline std::vector<std::string> Lines(const v1::Leaderboard& board) {
  std::vector<std::string> lines;
  for (const auto& place : board.places()) {
    lines.push_back(std::to_string(place.rank()) + " " + place.subject() + " " +
                    std::to_string(place.total()));
  }
  return lines;
}

}  // namespace steward::scoring
