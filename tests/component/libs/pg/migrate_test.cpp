#include "libs/pg/migrate.h"

#include <gtest/gtest.h>

#include <thread>

#include "libs/base/status.h"
#include "libs/testing/pg_fixture.h"

namespace steward::pg {
namespace {

constexpr Migration kFirst{1, "0001_create_t", "CREATE TABLE t (a integer);"};
constexpr Migration kSecond{2, "0002_fill_t",
                            "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2) -- last"};
constexpr Migration kIndex{
    3, "0003_index_t", "-- no transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a)"};
constexpr Statement kCount{"count_t", "SELECT count(*) FROM t"};

class MigrateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_ = testing::PgFixture::Shared().NewDatabase();
    connection_ = *Connection::Open(options_);
  }
  Options options_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(MigrateTest, AppliesWhatIsMissingInOrder) {
  EXPECT_EQ(*SchemaVersion(*connection_), 0);
  ASSERT_TRUE(Migrate(*connection_, {kFirst}).ok());
  EXPECT_EQ(*SchemaVersion(*connection_), 1);
  EXPECT_EQ(ReasonOf(VerifySchema(*connection_, {kFirst, kSecond})), "SCHEMA_MISMATCH");
  const absl::Status status = Migrate(*connection_, {kIndex, kSecond, kFirst});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(*SchemaVersion(*connection_), 3);
  EXPECT_EQ(connection_->Run(kCount)->Int(0, 0), 2);
  ASSERT_TRUE(Migrate(*connection_, {kFirst, kSecond, kIndex}).ok());
  EXPECT_EQ(connection_->Run(kCount)->Int(0, 0), 2);
  EXPECT_TRUE(VerifySchema(*connection_, {kFirst, kSecond, kIndex}).ok());
}

TEST_F(MigrateTest, NamesAChangedAndAnUnknownFile) {
  ASSERT_TRUE(Migrate(*connection_, {kFirst, kSecond}).ok());
  Migration changed = kFirst;
  changed.sql = "CREATE TABLE t (a bigint);";
  for (const absl::Status& status : {Migrate(*connection_, {changed, kSecond}),
                                     VerifySchema(*connection_, {changed, kSecond})}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(FromAbsl(status.message()).find("0001_create_t was changed"), std::string_view::npos);
  }
  const absl::Status unknown = VerifySchema(*connection_, {kFirst});
  EXPECT_NE(FromAbsl(unknown.message()).find("0002_fill_t was applied but is unknown"),
            std::string_view::npos);
}

TEST_F(MigrateTest, AMigrationBelowTheLastIsRefused) {
  ASSERT_TRUE(Migrate(*connection_, {kFirst, kIndex}).ok());
  const absl::Status status = Migrate(*connection_, {kFirst, kSecond, kIndex});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(FromAbsl(status.message()).find("0002_fill_t"), std::string_view::npos);
}

TEST_F(MigrateTest, AFailingFileLeavesNothing) {
  constexpr Migration kBroken{2, "0002_broken",
                              "INSERT INTO t VALUES (1); SELECT no_such_function();"};
  const absl::Status status = Migrate(*connection_, {kFirst, kBroken});
  EXPECT_FALSE(status.ok());
  EXPECT_NE(FromAbsl(status.message()).find("0002_broken"), std::string_view::npos);
  EXPECT_EQ(*SchemaVersion(*connection_), 1);
  EXPECT_EQ(connection_->Run(kCount)->Int(0, 0), 0);
  EXPECT_TRUE(Migrate(*connection_, {kFirst, kSecond}).ok());
}

TEST_F(MigrateTest, TwoAtOnceApplyEachOnce) {
  absl::Status statuses[2];
  {
    std::vector<std::jthread> threads;
    for (absl::Status& status : statuses) {
      threads.emplace_back([&] {
        auto connection = *Connection::Open(options_);
        status = Migrate(*connection, {kFirst, kSecond});
      });
    }
  }
  EXPECT_TRUE(statuses[0].ok()) << statuses[0];
  EXPECT_TRUE(statuses[1].ok()) << statuses[1];
  EXPECT_EQ(connection_->Run(kCount)->Int(0, 0), 2);
}

}  // namespace
}  // namespace steward::pg
