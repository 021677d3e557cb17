#include "libs/eventing/relay_pace.h"

#include <gtest/gtest.h>

namespace steward::eventing {
namespace {

constexpr int64_t kStart = 1'000'000'000;
constexpr int64_t kMs = 1000;

TEST(ReadPace, ReadsAtOnceAtFirstAndWhilePagesAreFull) {
  ReadPace pace;
  EXPECT_EQ(pace.Next(false), 0);
  pace.Begin(false);
  pace.Done(kStart, 1000, true);
  EXPECT_EQ(pace.Next(false), 0);
  pace.Begin(false);
  pace.Done(kStart, 0, false);
  EXPECT_GT(pace.Next(false), kStart);
  pace.Restart();
  EXPECT_EQ(pace.Next(false), 0);
}

TEST(ReadPace, APokeIsAnsweredAtOnceAndThenLooksGetRarer) {
  ReadPace pace;
  pace.Begin(true);
  pace.Done(kStart, 1, false);
  EXPECT_EQ(pace.Next(true), 0) << "few events: each goes out at once";
  EXPECT_EQ(pace.Next(false), kStart + 2 * kMs);
  int64_t now = kStart, wait = 2 * kMs;
  for (int64_t expected : {4, 8, 16, 32, 64, 100, 100}) {
    now += wait;
    pace.Begin(false);
    pace.Done(now, 0, false);
    wait = pace.Next(false) - now;
    EXPECT_EQ(wait, expected * kMs);
  }
}

TEST(ReadPace, ManyEventsAreGatheredAndFewAreNotAnyMore) {
  ReadPace pace;
  int64_t now = kStart;
  const auto second = [&](size_t rows_each_10_ms) {
    for (int i = 0; i < 100; ++i) {
      now += 10 * kMs;
      pace.Begin(true);
      pace.Done(now, rows_each_10_ms, false);
    }
  };
  second(5);  // 500 a second
  EXPECT_EQ(pace.Next(true), 0);
  second(30);  // 3,000 a second
  EXPECT_EQ(pace.Next(true), now + 40 * kMs);
  EXPECT_EQ(pace.Next(false), now + 40 * kMs) << "a look on suspicion is no more urgent";
  second(1);
  EXPECT_EQ(pace.Next(true), 0);
}

}  // namespace
}  // namespace steward::eventing
