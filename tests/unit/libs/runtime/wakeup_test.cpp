#include "libs/runtime/wakeup.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "libs/base/clock.h"

namespace steward::runtime {
namespace {

TEST(Wakeup, AWakeBeforeTheWaitIsKeptAndCountsOnce) {
  const Wakeup wakeup;
  wakeup.Wake();
  wakeup.Wake();
  wakeup.Wait(Seconds(60));  // returns: were the wakes lost, the test would run into its limit
  const int64_t begin = MonotonicMicros();
  wakeup.Wait(Milliseconds(20));
  EXPECT_GE(MonotonicMicros() - begin, 20'000) << "two wakes are one";
}

TEST(Wakeup, EndsTheWaitOfAnotherThread) {
  const Wakeup wakeup;
  std::thread waker([&] { wakeup.Wake(); });
  wakeup.Wait(Seconds(60));
  waker.join();
}

TEST(Wakeup, ALibraryWakesByItsDescriptor) {
  const Wakeup wakeup;
  const uint64_t one = 1;
  ASSERT_EQ(write(wakeup.fd(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
  wakeup.Wait(Seconds(60));
}

TEST(Wakeup, ANegativeLimitDoesNotWait) {
  const Wakeup wakeup;
  wakeup.Wait(Seconds(-1));
}

}  // namespace
}  // namespace steward::runtime
