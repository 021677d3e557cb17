#include "libs/base/backoff.h"

#include <gtest/gtest.h>

#include <set>

namespace steward {
namespace {

TEST(Backoff, DoublesUpToTheMaximumWithinItsJitter) {
  Backoff backoff(Milliseconds(100), Milliseconds(1'000), 7);
  for (int64_t whole : {100, 200, 400, 800, 1'000, 1'000, 1'000}) {
    Duration delay = backoff.Next();
    EXPECT_GE(delay, Milliseconds(whole / 2)) << whole;
    EXPECT_LE(delay, Milliseconds(whole)) << whole;
  }
}

TEST(Backoff, StartsAgainAfterReset) {
  Backoff backoff(Milliseconds(100), Seconds(60), 7);
  for (int i = 0; i < 8; ++i) {
    (void)backoff.Next();
  }
  EXPECT_GT(backoff.Next(), Milliseconds(100));
  backoff.Reset();
  EXPECT_LE(backoff.Next(), Milliseconds(100));
}

TEST(Backoff, SeedsSpread) {
  std::set<int64_t> delays;
  for (uint64_t seed = 0; seed < 64; ++seed) {
    delays.insert(Backoff(Seconds(1), Seconds(1), seed * 977).Next().micros);
  }
  EXPECT_GT(delays.size(), 32u);
}

TEST(Backoff, SurvivesExtremes) {
  Backoff largest(Duration{std::numeric_limits<int64_t>::max() / 2},
                  Duration{std::numeric_limits<int64_t>::max()}, 1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_GT(largest.Next(), Duration{0});
  }
  EXPECT_GE(Backoff(Duration{0}, Duration{0}, 1).Next(), Duration{0});
}

}  // namespace
}  // namespace steward
