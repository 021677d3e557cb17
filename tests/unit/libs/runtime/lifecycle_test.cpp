#include "libs/runtime/lifecycle.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "libs/testing/eventually.h"

namespace steward::runtime {
namespace {

TEST(Lifecycle, RequestStopEndsTheWait) {
  std::thread waiter([] { EXPECT_EQ(WaitForStop(), 0); });
  RequestStop();
  waiter.join();
}

TEST(Lifecycle, RequestBeforeTheWaitCounts) {
  RequestStop();
  EXPECT_EQ(WaitForStop(), 0);
}

TEST(Lifecycle, LimitedWaitEndsWithoutAStop) {
  EXPECT_EQ(WaitForStop(Milliseconds(1)), std::nullopt);
  RequestStop();
  EXPECT_EQ(WaitForStop(Seconds(5)), 0);
}

TEST(LifecycleDeathTest, SignalsEndTheWaitAndHangupDoesNot) {
  ::testing::FLAGS_gtest_death_test_style = "fast";
  EXPECT_EXIT(
      {
        BlockSignals();
        std::thread sender([] {
          kill(getpid(), SIGHUP);
          kill(getpid(), SIGTERM);
        });
        int number = WaitForStop();
        sender.join();
        std::_Exit(number);
      },
      ::testing::ExitedWithCode(SIGTERM), "");
}

TEST(LifecycleDeathTest, ClosedPipeDoesNotKill) {
  ::testing::FLAGS_gtest_death_test_style = "fast";
  EXPECT_EXIT(
      {
        BlockSignals();
        int ends[2];
        if (pipe(ends) != 0) {
          std::_Exit(2);
        }
        close(ends[0]);
        bool failed = write(ends[1], "x", 1) < 0;
        std::_Exit(failed ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(StopSequence, RunsInOrder) {
  std::vector<std::string> steps;
  StopSequence sequence(Seconds(30));
  for (const char* name : {"server", "consumer", "relay"}) {
    sequence.Then(name, [&steps, name] { steps.push_back(name); });
  }
  sequence.Run();
  EXPECT_EQ(steps, (std::vector<std::string>{"server", "consumer", "relay"}));
}

TEST(StopSequenceDeathTest, HardLimitEndsTheProcessAndNamesTheStep) {
  ::testing::FLAGS_gtest_death_test_style = "fast";
  EXPECT_EXIT(
      {
        StopSequence sequence(Milliseconds(20));
        sequence.Then("fine", [] {});
        sequence.Then("stuck", [] { pause(); });
        sequence.Run();
      },
      ::testing::ExitedWithCode(1), "stop took too long.*stuck");
}

TEST(NameThread, CutsToWhatTheKernelTakes) {
  std::thread([] {
    NameThread("a-name-that-is-too-long");
    char name[16] = {};
    ASSERT_EQ(pthread_getname_np(pthread_self(), name, sizeof name), 0);
    EXPECT_STREQ(name, "a-name-that-is-");
  }).join();
}

}  // namespace
}  // namespace steward::runtime
