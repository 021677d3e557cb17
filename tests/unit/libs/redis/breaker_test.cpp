#include "libs/redis/breaker.h"

#include <gtest/gtest.h>

#include "libs/redis/client.h"

namespace steward::redis {
namespace {

TEST(Breaker, OpensAfterFailuresInARow) {
  Breaker breaker(3, 1'000);
  breaker.Failed(10);
  breaker.Failed(20);
  EXPECT_TRUE(breaker.Allows(21));
  breaker.Succeeded();
  breaker.Failed(30);
  breaker.Failed(40);
  EXPECT_TRUE(breaker.Allows(41)) << "a success in between starts the count again";
  breaker.Failed(50);
  EXPECT_FALSE(breaker.Allows(51));
  EXPECT_FALSE(breaker.Allows(1'049));
}

TEST(Breaker, LetsOneThroughAndFollowsItsOutcome) {
  Breaker breaker(1, 1'000);
  breaker.Failed(0);
  EXPECT_FALSE(breaker.Allows(999));
  EXPECT_TRUE(breaker.Allows(1'000));
  breaker.Failed(1'001);
  EXPECT_FALSE(breaker.Allows(2'000));
  EXPECT_TRUE(breaker.Allows(2'001));
  breaker.Succeeded();
  EXPECT_TRUE(breaker.Allows(2'002));
}

TEST(Client, NothingListensIsUnavailable) {
  metrics::Registry registry;
  Options options;
  options.host = "/no/such/redis.sock";
  options.breaker_failures = 2;
  Client client(options, &registry);
  EXPECT_EQ(client.Command({"PING"}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(client.Command({"PING"}).status().code(), absl::StatusCode::kUnavailable);
  absl::Status open = client.Command({"PING"}).status();
  EXPECT_EQ(open.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(open.message().find("too often"), absl::string_view::npos);
}

TEST(Client, EmptyCommandIsACallersFault) {
  Client client(Options{}, nullptr);
  EXPECT_EQ(client.Command({}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.Pipeline({{}}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.Transaction({{}}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(client.Pipeline({})->empty());
}

}  // namespace
}  // namespace steward::redis
