#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/pg/tx.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"

namespace steward::pg {
namespace {

using testing::Eventually;

constexpr Statement kHeld{"held_locks",
                          "SELECT (classid::bigint << 32) | objid::bigint, mode LIKE 'Exclusive%' "
                          "FROM pg_locks WHERE locktype = 'advisory' AND pid = $1 AND granted"};
constexpr Statement kWaiting{
    "waiting_locks",
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"};
constexpr Statement kLockTimeout{"lock_timeout", "SELECT current_setting('lock_timeout')"};

class TxLockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_ = testing::PgFixture::Shared().NewDatabase(
        {{1, "0001_row",
          "CREATE TABLE row (id bigint PRIMARY KEY, n bigint NOT NULL); "
          "INSERT INTO row VALUES (1, 0), (2, 0)"}});
    observer_ = Open();
  }
  std::unique_ptr<Connection> Open() { return *Connection::Open(options_, &registry_); }
  bool AwaitWaiter() {
    return Eventually(Seconds(10), [&] { return observer_->Run(kWaiting)->Int(0, 0) > 0; });
  }

  Options options_;
  metrics::Registry registry_;
  std::unique_ptr<Connection> observer_;
};

TEST_F(TxLockTest, TakesWhatItNamesUntilTheEnd) {
  auto connection = Open();
  ASSERT_TRUE(
      RunInTx(*connection, {}, [&](Tx& tx) -> absl::Status {
        tx.Lock({{7, false}, {3, true}, {7, true}, {uint64_t{1} << 63 | 5, false}});
        RETURN_IF_ERROR(tx.Flush());
        const Result held =
            *observer_->Run(kHeld, Params().Add(int32_t{connection->backend_pid()}));
        std::map<int64_t, bool> exclusive;
        for (int i = 0; i < held.rows(); ++i) {
          exclusive[held.Int(i, 0)] = held.Bool(i, 1);
        }
        EXPECT_EQ(exclusive,
                  (std::map<int64_t, bool>{
                      {7, true}, {3, false}, {static_cast<int64_t>(uint64_t{1} << 63 | 5), true}}));
        return absl::OkStatus();
      }).ok());
  EXPECT_EQ(observer_->Run(kHeld, Params().Add(int32_t{connection->backend_pid()}))->rows(), 0);
}

TEST_F(TxLockTest, TryLockSaysWhichAreFree) {
  auto first = Open();
  auto second = Open();
  ASSERT_TRUE(RunInTx(*first, {}, [&](Tx& tx) -> absl::Status {
                tx.Lock({{1, false}, {2, true}});
                RETURN_IF_ERROR(tx.Flush());
                return RunInTx(*second, {}, [&](Tx& other) -> absl::Status {
                  ASSIGN_OR_RETURN(const auto held,
                                   other.TryLock({{3, false}, {1, false}, {2, true}, {2, false}}));
                  EXPECT_EQ(held, (std::vector<bool>{true, false, true, false}));
                  return absl::OkStatus();
                });
              }).ok());
}

TEST_F(TxLockTest, SharedLocksShareAndExclusiveWaits) {
  auto first = Open();
  auto second = Open();
  std::atomic<bool> locked = false;
  std::jthread waiter;
  ASSERT_TRUE(RunInTx(*first, {}, [&](Tx& tx) -> absl::Status {
                tx.Lock({LockKey::Shared("customers/a")});
                RETURN_IF_ERROR(tx.Flush());
                EXPECT_TRUE(RunInTx(*second, {}, [](Tx& other) {
                              other.Lock({LockKey::Shared("customers/a")});
                              return other.Flush();
                            }).ok());
                waiter = std::jthread([&] {
                  EXPECT_TRUE(RunInTx(*second, {}, [&](Tx& other) {
                                other.Lock({LockKey::Exclusive("customers/a")});
                                const absl::Status status = other.Flush();
                                locked = true;
                                return status;
                              }).ok());
                });
                EXPECT_TRUE(AwaitWaiter());
                EXPECT_FALSE(locked);
                return absl::OkStatus();
              }).ok());
  waiter.join();
  EXPECT_TRUE(locked);
}

TEST_F(TxLockTest, LockTimeoutIsAbortedWithRetryInfo) {
  auto first = Open();
  auto second = Open();
  ASSERT_TRUE(RunInTx(*first, {}, [&](Tx& tx) -> absl::Status {
                tx.Lock({LockKey::Exclusive("a")});
                RETURN_IF_ERROR(tx.Flush());
                const absl::Status status = RunInTx(*second, {}, [](Tx& other) -> absl::Status {
                  other.SetLockTimeout(Milliseconds(200));
                  ASSIGN_OR_RETURN(const Result limit, other.Run(kLockTimeout));
                  EXPECT_EQ(limit.Text(0, 0), "200ms") << "not the session's 2 s";
                  other.Lock({LockKey::Exclusive("a")});
                  return other.Flush();
                });
                EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
                EXPECT_EQ(ReasonOf(status), "LOCK_TIMEOUT");
                EXPECT_TRUE(RefusalOf(status)->retry_after_ms.has_value());
                return absl::OkStatus();
              }).ok());
}

// Rounds of two sessions that name the same keys in opposite order. One order of taking them for all
// means that no deadlock can appear; one that was broken up would show as a retry.
TEST_F(TxLockTest, OppositeOrdersNeverDeadlock) {
  constexpr int kRounds = 150;
  const auto work = [&](bool backwards) {
    auto connection = Open();
    for (int round = 0; round < kRounds; ++round) {
      std::vector<LockKey> keys;
      for (int i = 0; i < 40; ++i) {
        keys.push_back(LockKey::Exclusive("k" + std::to_string(backwards ? 39 - i : i)));
      }
      const absl::Status status = RunInTx(*connection, {}, [&](Tx& tx) {
        tx.Lock(keys);
        return tx.Flush();
      });
      EXPECT_TRUE(status.ok()) << status;
    }
  };
  {
    std::jthread forwards([&] { work(false); });
    std::jthread backwards([&] { work(true); });
  }
  EXPECT_EQ(registry_.Text().find("steward_db_transaction_retries_total"), std::string::npos);
}

// A true deadlock, over rows in opposite order: one of the two is repeated and both succeed.
TEST_F(TxLockTest, ADeadlockIsRepeated) {
  static constexpr Statement kAdd{"add_to_row", "UPDATE row SET n = n + 1 WHERE id = $1"};
  static constexpr Statement kSum{"sum_rows", "SELECT sum(n)::bigint FROM row"};
  std::atomic<int> first_rows = 0;
  std::atomic<int> runs = 0;
  const auto work = [&](int64_t from, int64_t to) {
    auto connection = Open();
    ASSERT_TRUE(connection->RunScript("SET deadlock_timeout = '50ms'").ok());
    const absl::Status status = RunInTx(*connection, {}, [&](Tx& tx) -> absl::Status {
      ++runs;
      RETURN_IF_ERROR(tx.Run(kAdd, Params().Add(from)).status());
      ++first_rows;
      Eventually(Seconds(3), [&] { return first_rows >= 2; });
      tx.Queue(kAdd, Params().Add(to));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  };
  {
    std::jthread a([&] { work(1, 2); });
    std::jthread b([&] { work(2, 1); });
  }
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(observer_->Run(kSum)->Int(0, 0), 4);
  EXPECT_NE(registry_.Text().find("steward_db_transaction_retries_total{reason=\"deadlock\"} 1"),
            std::string::npos);
}

TEST_F(TxLockTest, RetriesEndAtTheLimit) {
  static constexpr Statement kRaise{"raise", "SELECT raise_serialization()"};
  ASSERT_TRUE(
      observer_
          ->RunScript("CREATE FUNCTION raise_serialization() RETURNS integer LANGUAGE plpgsql AS "
                      "$$ BEGIN RAISE SQLSTATE '40001'; END $$")
          .ok());
  int runs = 0;
  const absl::Status status = RunInTx(*observer_, {}, [&](Tx& tx) {
    ++runs;
    return tx.Run(kRaise).status();
  });
  EXPECT_EQ(ReasonOf(status), "SERIALIZATION_FAILURE");
  EXPECT_EQ(runs, 3);
}

}  // namespace
}  // namespace steward::pg
