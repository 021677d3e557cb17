#include "libs/pg/connection.h"

#include <gtest/gtest.h>

#include <thread>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/pg/pool.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"

namespace steward::pg {
namespace {

constexpr Statement kPid{"pid", "SELECT pg_backend_pid()"};
constexpr Statement kTerminate{"terminate", "SELECT pg_terminate_backend($1)"};

class ConnectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_ = testing::PgFixture::Shared().NewDatabase();
    connection_ = Open();
  }
  std::unique_ptr<Connection> Open() {
    auto connection = Connection::Open(options_, &registry_);
    EXPECT_TRUE(connection.ok()) << connection.status();
    return *std::move(connection);
  }
  Result Must(const Statement& statement, const Params& params = {}) {
    auto rows = connection_->Run(statement, params);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return *rows;
  }

  Options options_;
  metrics::Registry registry_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(ConnectionTest, ValuesComeBackAsTheyWent) {
  static constexpr Statement kEcho{
      "echo",
      "SELECT $1::text, $2::bigint, $3::integer, $4::smallint, $5::boolean, "
      "$6::double precision, $7::timestamptz, $8::uuid, $9::bytea, $10::xid8"};
  const Time when{1'790'000'000'123'456};
  const Uuid id = *Uuid::Parse("0199c1d2-0000-7000-8000-0123456789ab");
  const std::string bytes("\0\xff\n", 3);
  const Result row = Must(kEcho, Params()
                                     .Add("客户 'quoted' \\")
                                     .Add(int64_t{-9'000'000'000})
                                     .Add(int32_t{-7})
                                     .Add(int16_t{12})
                                     .Add(true)
                                     .Add(-0.25)
                                     .Add(when)
                                     .Add(id)
                                     .AddBytes(bytes)
                                     .AddXid8(1ull << 40));
  EXPECT_EQ(row.rows(), 1);
  EXPECT_EQ(row.Text(0, 0), "客户 'quoted' \\");
  EXPECT_EQ(row.Int(0, 1), -9'000'000'000);
  EXPECT_EQ(row.Int(0, 2), -7);
  EXPECT_EQ(row.Int(0, 3), 12);
  EXPECT_TRUE(row.Bool(0, 4));
  EXPECT_EQ(row.Double(0, 5), -0.25);
  EXPECT_EQ(row.Timestamp(0, 6), when);
  EXPECT_EQ(row.Uuid(0, 7), id);
  EXPECT_EQ(row.Bytes(0, 8), bytes);
  EXPECT_EQ(row.Xid8(0, 9), 1ull << 40);
}

TEST_F(ConnectionTest, ArraysComeBackAndUnnest) {
  static constexpr Statement kArrays{
      "arrays", "SELECT $1::text[], $2::bigint[], $3::integer[], $4::smallint[]"};
  const Result row =
      Must(kArrays,
           Params().AddTexts({"a", "", "{,\"}"}).AddInts({1, -2}).AddInt32s({}).AddInt16s({-3}));
  EXPECT_EQ(row.Texts(0, 0), (std::vector<std::string>{"a", "", "{,\"}"}));
  EXPECT_EQ(row.Ints(0, 1), (std::vector<int64_t>{1, -2}));
  EXPECT_TRUE(row.Ints(0, 2).empty());
  EXPECT_EQ(row.Ints(0, 3), (std::vector<int64_t>{-3}));

  static constexpr Statement kUnnest{"unnest",
                                     "SELECT t, u::text, b, f FROM unnest($1::timestamptz[], "
                                     "$2::uuid[], $3::bytea[], $4::boolean[]) "
                                     "AS x (t, u, b, f)"};
  const Uuid id = *Uuid::Parse("0199c1d2-0000-7000-8000-0123456789ab");
  const Result rows = Must(kUnnest, Params()
                                        .AddOptionalTimes({Time{5}, std::nullopt})
                                        .AddUuids({id, Uuid{}})
                                        .AddBytesArray({std::string("\0", 1), ""})
                                        .AddBools({true, false}));
  ASSERT_EQ(rows.rows(), 2);
  EXPECT_EQ(rows.OptionalTimestamp(0, 0), Time{5});
  EXPECT_EQ(rows.OptionalTimestamp(1, 0), std::nullopt);
  EXPECT_EQ(rows.Text(0, 1), id.ToString());
  EXPECT_EQ(rows.Bytes(0, 2), std::string("\0", 1));
  EXPECT_FALSE(rows.Bool(1, 3));
}

TEST_F(ConnectionTest, NullFirstThenValueOfItsType) {
  ASSERT_TRUE(connection_->RunScript("CREATE TABLE t (a integer, b text)").ok());
  static constexpr Statement kInsert{"insert_t", "INSERT INTO t VALUES ($1, $2)"};
  Must(kInsert, Params().AddNull().AddNull());
  EXPECT_EQ(Must(kInsert, Params().Add(int64_t{7}).Add("x")).affected(), 1);
  Must(kInsert, Params().AddNull().Add("y"));
  Must(kInsert, Params().Add(int32_t{8}).AddNull());
  static constexpr Statement kSum{"sum_t", "SELECT sum(a), min(b), count(*) FROM t"};
  const Result row = Must(kSum);
  EXPECT_EQ(row.Int(0, 0), 15);
  EXPECT_EQ(row.OptionalText(0, 1), "x");
  EXPECT_EQ(row.Int(0, 2), 4);
}

// Every combination of eight filters that are there or not: 256 calls, few prepared statements.
TEST_F(ConnectionTest, OptionalFiltersNeedFewStatements) {
  static constexpr Statement kFilters{
      "filters",
      "SELECT num_nulls($1::text, $2::bigint, $3::text, $4::bigint, $5::text, $6::bigint, "
      "$7::text, $8::bigint)"};
  static constexpr Statement kPrepared{
      "count_prepared", "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'filters%'"};
  for (int i = 0; i < 256; ++i) {
    const int set = (i * 37) % 256;  // in no helpful order
    Params params;
    for (int filter = 0; filter < 8; ++filter) {
      if ((set >> filter & 1) == 0) {
        params.AddNull();
      } else if (filter % 2 == 0) {
        params.Add("x");
      } else {
        params.Add(int64_t{1});
      }
    }
    EXPECT_EQ(Must(kFilters, params).Int(0, 0), 8 - __builtin_popcount(set));
  }
  EXPECT_LE(Must(kPrepared).Int(0, 0), 9);
}

TEST_F(ConnectionTest, BadTextNeverReachesTheServer) {
  static constexpr Statement kText{"text", "SELECT $1::text"};
  const auto rows = connection_->Run(kText, Params().Add(std::string("a\0b", 3)));
  EXPECT_EQ(ReasonOf(rows.status()), "TEXT_INVALID");
  EXPECT_EQ(Must(kText, Params().Add("ab")).Text(0, 0), "ab");
}

TEST_F(ConnectionTest, AnErrorLeavesTheConnectionUsable) {
  static constexpr Statement kBroken{"broken", "SELECT * FROM nowhere"};
  static constexpr Statement kDivide{"divide", "SELECT 1 / $1::bigint"};
  EXPECT_EQ(connection_->Run(kBroken).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(connection_->Run(kDivide, Params().Add(int64_t{0})).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Must(kDivide, Params().Add(int64_t{1})).Int(0, 0), 1);
  EXPECT_TRUE(connection_->healthy());
}

TEST_F(ConnectionTest, StatementTimeoutIsDeadlineExceeded) {
  static constexpr Statement kSleep{"sleep", "SELECT pg_sleep(3600)"};
  static constexpr Statement kShow{"show", "SELECT current_setting('statement_timeout')"};
  EXPECT_EQ(Must(kShow).Text(0, 0), "5s");
  // Without a limit of the session only the call's own can end the statement.
  ASSERT_TRUE(connection_->RunScript("SET statement_timeout = 0").ok());
  const auto rows = connection_->Run(kSleep, {}, Milliseconds(100));
  EXPECT_EQ(rows.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(connection_->healthy()) << "the server ended it, not the client";
  EXPECT_EQ(Must(kShow).Text(0, 0), "0") << "the limit was the call's alone";
}

TEST_F(ConnectionTest, ManyLargeValuesDoNotDeadlock) {
  static constexpr Statement kEcho{"echo_bytes", "SELECT $1::bytea"};
  // More than both socket buffers hold, in both directions.
  const std::string large(8 << 20, 'x');
  const Result row = Must(kEcho, Params().AddBytes(large));
  EXPECT_EQ(row.Bytes(0, 0).size(), large.size());
}

TEST_F(ConnectionTest, ALostConnectionStaysLost) {
  auto other = Open();
  ASSERT_TRUE(other->Run(kTerminate, Params().Add(int32_t{connection_->backend_pid()})).ok());
  EXPECT_EQ(connection_->Run(kPid).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(connection_->healthy());
  EXPECT_EQ(connection_->Run(kPid).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(connection_->RunScript("SELECT 1").code(), absl::StatusCode::kUnavailable);
}

TEST_F(ConnectionTest, WorkersReplaceTheirLostConnection) {
  WorkerConnections workers(options_, 2, &registry_);
  Connection* first = *workers.Get(0);
  EXPECT_EQ(first, *workers.Get(0));
  const int pid = first->backend_pid();
  EXPECT_NE((*workers.Get(1))->backend_pid(), pid);
  Must(kTerminate, Params().Add(int32_t{pid}));
  EXPECT_FALSE(first->Run(kPid).ok());
  const auto again = workers.Get(0);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE((*again)->Run(kPid).ok());
}

TEST_F(ConnectionTest, OpenSaysWhyItCannot) {
  Options wrong = options_;
  wrong.database = "no_such_database";
  EXPECT_EQ(Connection::Open(wrong).status().code(), absl::StatusCode::kUnavailable);
  wrong = options_;
  wrong.password_file = "/nonexistent/password";
  EXPECT_EQ(Connection::Open(wrong).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ConnectionTest, CountsStatementsAndConnections) {
  Must(kPid);
  Must(kPid);
  const std::string text = registry_.Text();
  EXPECT_NE(text.find("steward_db_query_seconds_count{query=\"pid\"} 2"), std::string::npos)
      << text;
  EXPECT_NE(text.find("steward_db_connections{state=\"idle\"} 1"), std::string::npos) << text;
  connection_.reset();
  EXPECT_NE(registry_.Text().find("steward_db_connections{state=\"idle\"} 0"), std::string::npos);
}

TEST_F(ConnectionTest, ClockReadingBracketsTheServersClock) {
  const auto reading = connection_->MeasureClock();
  ASSERT_TRUE(reading.ok());
  EXPECT_GT(reading->uncertainty.micros, 0);
  const int64_t database_now = MonotonicMicros() + reading->offset.micros;
  EXPECT_NEAR(static_cast<double>(database_now), static_cast<double>(SystemClock().Now().micros),
              1e6);
}

using ConnectionDeathTest = ConnectionTest;

TEST_F(ConnectionDeathTest, BugsCrash) {
  ::testing::FLAGS_gtest_death_test_style = "fast";
  static constexpr Statement kOne{"same_name", "SELECT 1"};
  static constexpr Statement kTwo{"same_name", "SELECT 2"};
  static constexpr Statement kNull{"null_bigint", "SELECT NULL::bigint"};
  Must(kOne);
  EXPECT_DEATH(connection_->Run(kTwo).IgnoreError(), "two statements are named same_name");
  const Result row = Must(kNull);
  EXPECT_DEATH(row.Int(0, 0), "is NULL");
  EXPECT_DEATH(row.Text(0, 0), "has type 20");
  EXPECT_DEATH(row.Int(1, 0), "no row 1");
  EXPECT_DEATH(Result().rows(), "before the flush");
}

}  // namespace
}  // namespace steward::pg
