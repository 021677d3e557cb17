#include "libs/service/periodic.h"

#include <gtest/gtest.h>

#include <atomic>

#include "libs/testing/eventually.h"

namespace steward::service {
namespace {

TEST(Periodic, RunsAtOnceAndAgain) {
  std::atomic<int> runs{0};
  Periodic periodic("test", Milliseconds(1), [&] { ++runs; });
  EXPECT_EQ(runs, 0);
  periodic.Start();
  EXPECT_TRUE(testing::Eventually(Seconds(5), [&] { return runs >= 3; }));
  periodic.Stop();
  int after = runs;
  periodic.Stop();
  EXPECT_EQ(runs, after);
}

TEST(Periodic, StopDoesNotWaitForTheInterval) {
  std::atomic<int> runs{0};
  int64_t begin = MonotonicMicros();
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
}  // namespace steward::service
