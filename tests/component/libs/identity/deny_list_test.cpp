#include "libs/identity/deny_list.h"

#include <gtest/gtest.h>

#include <sstream>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"
#include "tests/identity_migrations.h"

namespace steward::identity {
namespace {

using testing::Eventually;
using testing::PgFixture;

class DenyListTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_ = PgFixture::Shared().NewDatabase(schema::Migrations());
    connection_ = *pg::Connection::Open(options_);
  }
  void Write(const std::string& sql) { ASSERT_TRUE(connection_->RunScript(sql).ok()); }
  void Deny(const std::string& kind, const std::string& value, const std::string& end = "NULL") {
    Write("INSERT INTO denied_token (kind, value, reason, denied_by, expires_at) VALUES ('" + kind +
          "', '" + value + "', 'test', 'members/op', " + end + ")");
  }
  std::unique_ptr<DenyList> List(Duration period) {
    return std::make_unique<DenyList>(options_, registry_, period);
  }
  // The value of a series, -1 when absent.
  double Metric(const std::string& series) {
    std::istringstream lines(registry_.Text());
    for (std::string line; std::getline(lines, line);) {
      if (line.compare(0, series.size() + 1, series + " ") == 0) {
        return std::stod(line.substr(series.size() + 1));
      }
    }
    return -1;
  }

  static Time Now() { return SystemClock().Now(); }

  pg::Options options_;
  std::unique_ptr<pg::Connection> connection_;
  metrics::Registry registry_;
};

TEST_F(DenyListTest, ReadsAtStartAndThenEveryPeriod) {
  Deny("jti", "t1");
  const auto list = List(Milliseconds(20));
  EXPECT_FALSE(list->DeniesToken("t1", Now())) << "not read yet";
  ASSERT_TRUE(list->Start().ok());
  EXPECT_TRUE(list->DeniesToken("t1", Now()));
  EXPECT_FALSE(list->DeniesToken("t2", Now()));
  EXPECT_FALSE(list->DeniesSubject("t1", Now())) << "a token's id is no subject";

  Deny("sub", "members/ann");
  EXPECT_TRUE(Eventually(Seconds(10), [&] { return list->DeniesSubject("members/ann", Now()); }));
  EXPECT_FALSE(list->DeniesToken("members/ann", Now()));
  EXPECT_EQ(Metric("steward_denied_tokens{kind=\"jti\"}"), 1);
  EXPECT_EQ(Metric("steward_denied_tokens{kind=\"sub\"}"), 1);

  Write("DELETE FROM denied_token");
  EXPECT_TRUE(Eventually(Seconds(10), [&] {
    return !list->DeniesToken("t1", Now()) && !list->DeniesSubject("members/ann", Now());
  }));
}

TEST_F(DenyListTest, APokeReadsAtOnce) {
  const auto list = List(Hours(1));
  ASSERT_TRUE(list->Start().ok());
  Deny("jti", "t1");
  list->Poke();
  EXPECT_TRUE(Eventually(Seconds(10), [&] { return list->DeniesToken("t1", Now()); }));
}

TEST_F(DenyListTest, AnEntryEndsByTheTimeOfTheCallEvenUnread) {
  Deny("jti", "t1", "clock_timestamp() + interval '1 hour'");
  Deny("jti", "past", "clock_timestamp() - interval '1 second'");
  const auto list = List(Hours(1));
  ASSERT_TRUE(list->Start().ok());
  EXPECT_TRUE(list->DeniesToken("t1", Now() + Minutes(59)));
  EXPECT_FALSE(list->DeniesToken("t1", Now() + Minutes(61)));
  EXPECT_FALSE(list->DeniesToken("past", Now()));
  EXPECT_EQ(Metric("steward_denied_tokens{kind=\"jti\"}"), 1);
}

TEST_F(DenyListTest, WhileTheDatabaseIsAwayTheLastListStaysAndItsAgeGrows) {
  Deny("jti", "t1");
  const auto list = List(Milliseconds(20));
  ASSERT_TRUE(list->Start().ok());
  const auto age = [&] { return Metric("steward_denied_tokens_read_age_seconds"); };
  EXPECT_TRUE(Eventually(Seconds(10), [&] { return age() >= 0 && age() < 1; }));

  PgFixture::Shared().Kill();
  EXPECT_TRUE(Eventually(Seconds(10), [&] { return age() > 1.5; }));
  EXPECT_TRUE(list->DeniesToken("t1", Now()));

  PgFixture::Shared().Restart();
  connection_ = *pg::Connection::Open(options_);
  Deny("jti", "t2");
  EXPECT_TRUE(Eventually(Seconds(20), [&] { return list->DeniesToken("t2", Now()); }));
  EXPECT_TRUE(Eventually(Seconds(20), [&] { return age() < 1; }));
  EXPECT_TRUE(list->DeniesToken("t1", Now()));
}

TEST_F(DenyListTest, WithoutAListNothingStarts) {
  options_.database = "no_such_database";
  EXPECT_FALSE(List(Hours(1))->Start().ok());
}

}  // namespace
}  // namespace steward::identity
