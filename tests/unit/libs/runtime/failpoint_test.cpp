#include "libs/runtime/failpoint.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "libs/testing/eventually.h"

namespace steward::runtime {
namespace {

class FailpointTest : public ::testing::Test {
 protected:
  void TearDown() override { DisarmFailpoints(); }
};

TEST_F(FailpointTest, UnarmedDoesNothing) { EXPECT_TRUE(Failpoint("tx.before_commit").ok()); }

TEST_F(FailpointTest, ErrorFailsUntilDisarmed) {
  ASSERT_TRUE(ArmFailpoints("tx.before_commit=error").ok());
  EXPECT_EQ(Failpoint("tx.before_commit").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Failpoint("tx.before_commit").code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Failpoint("consumer.park").ok());
  DisarmFailpoints();
  EXPECT_TRUE(Failpoint("tx.before_commit").ok());
}

TEST_F(FailpointTest, CountedFailsAtThatHitOnce) {
  ASSERT_TRUE(ArmFailpoints("a=error@3; b=error@1").ok());
  EXPECT_TRUE(Failpoint("a").ok());
  EXPECT_TRUE(Failpoint("a").ok());
  EXPECT_FALSE(AwaitFailpoint("a", Milliseconds(1)));
  EXPECT_FALSE(Failpoint("a").ok());
  EXPECT_TRUE(AwaitFailpoint("a", Milliseconds(1)));
  EXPECT_TRUE(Failpoint("a").ok());
  EXPECT_FALSE(Failpoint("b").ok());
}

TEST_F(FailpointTest, WaitBlocksUntilReleased) {
  ASSERT_TRUE(ArmFailpoints("a=wait").ok());
  std::atomic<bool> through{false};
  std::thread worker([&] {
    EXPECT_TRUE(Failpoint("a").ok());
    through = true;
  });
  EXPECT_TRUE(AwaitFailpoint("a", Seconds(5)));
  EXPECT_FALSE(through);
  ReleaseFailpoint("a");
  worker.join();
  EXPECT_TRUE(through);
  EXPECT_TRUE(Failpoint("a").ok()) << "a released point stays open";
}

TEST_F(FailpointTest, DisarmReleasesWhoWaits) {
  ASSERT_TRUE(ArmFailpoints("a=wait").ok());
  std::thread worker([] { EXPECT_TRUE(Failpoint("a").ok()); });
  EXPECT_TRUE(AwaitFailpoint("a", Seconds(5)));
  DisarmFailpoints();
  worker.join();
}

TEST_F(FailpointTest, AwaitEndsAtItsTimeout) {
  EXPECT_FALSE(AwaitFailpoint("never-armed", Milliseconds(2)));
  ASSERT_TRUE(ArmFailpoints("a=wait").ok());
  EXPECT_FALSE(AwaitFailpoint("a", Milliseconds(2)));
}

TEST_F(FailpointTest, BadSpecsArmNothing) {
  for (const char* spec :
       {"a", "a=", "=kill", "a=explode", "a=kill@", "a=kill@0", "a=kill@x", "b=error;a=explode"}) {
    EXPECT_EQ(ArmFailpoints(spec).code(), absl::StatusCode::kInvalidArgument) << spec;
  }
  EXPECT_TRUE(Failpoint("b").ok());
  EXPECT_TRUE(ArmFailpoints("").ok());
}

TEST(FailpointDeathTest, KillEndsTheProcessAsKillNineWould) {
  ::testing::FLAGS_gtest_death_test_style = "fast";
  EXPECT_EXIT(
      {
        (void)ArmFailpoints("a=kill@2");
        (void)Failpoint("a");
        (void)Failpoint("a");
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(137), "failpoint kills the process");
}

}  // namespace
}  // namespace steward::runtime
