#include "libs/runtime/periodic.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>

#include "libs/base/clock.h"
#include "libs/testing/eventually.h"

namespace steward::runtime {
namespace {

TEST(Periodic, RunsAtOnceAndAgain) {
  std::atomic<int> runs{0};
  Periodic periodic("test", Milliseconds(1), [&] { ++runs; });
  EXPECT_EQ(runs, 0);
  periodic.Start();
  EXPECT_TRUE(testing::Eventually(Seconds(5), [&] { return runs >= 3; }));
  periodic.Stop();
  const int after = runs;
  periodic.Poke();
  periodic.Stop();
  EXPECT_EQ(runs, after);
}

TEST(Periodic, TheFirstRunMayComeLater) {
  std::atomic<int> runs{0};
  Periodic periodic("test", Hours(1), [&] { ++runs; });
  const int64_t begin = MonotonicMicros();
  periodic.Start(Milliseconds(20));
  EXPECT_TRUE(testing::Eventually(Seconds(5), [&] { return runs == 1; }));
  EXPECT_GE(MonotonicMicros() - begin, 20'000);
}

TEST(Periodic, APokeEndsTheWait) {
  std::atomic<int> runs{0};
  Periodic periodic("test", Hours(1), [&] { ++runs; });
  periodic.Start(Hours(1));
  EXPECT_EQ(runs, 0);
  for (int run = 1; run <= 3; ++run) {
    periodic.Poke();
    EXPECT_TRUE(testing::Eventually(Seconds(5), [&] { return runs == run; }));
  }
}

TEST(Periodic, PokesDuringARunAreOneMore) {
  std::atomic<int> runs{0};
  std::latch begun(1), release(1);
  Periodic periodic("test", Hours(1), [&] {
    if (++runs == 1) {
      begun.count_down();
      release.wait();
    }
  });
  periodic.Start();
  begun.wait();
  periodic.Poke();
  periodic.Poke();
  release.count_down();
  EXPECT_TRUE(testing::Eventually(Seconds(5), [&] { return runs == 2; }));
  periodic.Stop();
  EXPECT_EQ(runs, 2);
}

TEST(Periodic, StopWaitsForTheRunInProgress) {
  std::atomic<bool> ended{false};
  std::latch begun(1), release(1);
  Periodic periodic("test", Hours(1), [&] {
    begun.count_down();
    release.wait();
    ended = true;
  });
  periodic.Start();
  begun.wait();
  auto stopped = std::async(std::launch::async, [&] {
    periodic.Stop();
    return ended.load();
  });
  release.count_down();
  EXPECT_TRUE(stopped.get());
}

TEST(Periodic, TheDestructorDoesNotWaitForTheInterval) {
  std::atomic<int> runs{0};
  const int64_t begin = MonotonicMicros();
  {
    Periodic periodic("test", Hours(1), [&] { ++runs; });
    periodic.Start();
    EXPECT_TRUE(testing::Eventually(Seconds(5), [&] { return runs == 1; }));
  }
  EXPECT_LT(MonotonicMicros() - begin, 5'000'000);
}

TEST(Periodic, NeverStartedStops) {
  Periodic periodic("test", Hours(1), [] { FAIL(); });
  periodic.Stop();
}

}  // namespace
}  // namespace steward::runtime
