#include "libs/service/loopback.h"

#include <gtest/gtest.h>

namespace steward::service {
namespace {

TEST(Loopback, TakesWhatNeverLeavesTheMachine) {
  for (const char* address :
       {"127.0.0.1", "127.0.0.1:0", "127.255.3.4:7201", "localhost", "localhost:9092", "::1",
        "[::1]", "[::1]:7201", "/var/run/postgresql", "unix:/run/x", "dns:///localhost:7201",
        "dns:///127.0.0.1:1", "ipv4:127.0.0.1:7201"}) {
    EXPECT_TRUE(IsLoopback(address)) << address;
  }
}

TEST(Loopback, RefusesEverythingElse) {
  for (const char* address :
       {"", "0.0.0.0", "0.0.0.0:7201", "[::]:7201", "::", "10.0.0.1:5432", "128.0.0.1",
        "126.255.255.255", "127.0.0.1.example.com", "127.evil.example:1", "localhost.example.com",
        "db", "db:5432", "dns:///sla:7203", "[2001:db8::1]:1", "127.0.0", "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(IsLoopback(address)) << address;
  }
}

TEST(Loopback, ListsNeedEveryMember) {
  EXPECT_TRUE(AllLoopback(""));
  EXPECT_TRUE(AllLoopback("127.0.0.1:9092,localhost:9093"));
  EXPECT_FALSE(AllLoopback("127.0.0.1:9092,kafka:9092"));
  EXPECT_FALSE(AllLoopback("kafka:9092,127.0.0.1:9092"));
}

}  // namespace
}  // namespace steward::service
