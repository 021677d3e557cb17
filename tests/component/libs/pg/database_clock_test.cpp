#include "libs/pg/database_clock.h"

#include <gtest/gtest.h>

#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"

namespace steward::pg {
namespace {

using testing::Eventually;

TEST(DatabaseClockTest, FollowsTheDatabase) {
  DatabaseClock clock(testing::PgFixture::Shared().NewDatabase(), nullptr);
  ASSERT_TRUE(Eventually(Seconds(5), [&] { return clock.Fresh(); }));
  EXPECT_LT(std::abs(clock.HostSkew().micros), 1'000'000);  // one host, one clock
  EXPECT_LT(std::abs((clock.Now() - SystemClock().Now()).micros), 1'000'000);
  Time last = clock.Now();
  for (int i = 0; i < 1000; ++i) {
    const Time now = clock.Now();
    EXPECT_LE(last, now);
    last = now;
  }
  clock.Stop();
}

TEST(DatabaseClockTest, WithoutDatabaseItIsTheHostsClock) {
  Options nowhere = testing::PgFixture::Shared().NewDatabase();
  nowhere.database = "no_such_database";
  DatabaseClock clock(nowhere, nullptr);
  EXPECT_FALSE(clock.Fresh());
  EXPECT_LT(std::abs((clock.Now() - SystemClock().Now()).micros), 1'000'000);
}

}  // namespace
}  // namespace steward::pg
