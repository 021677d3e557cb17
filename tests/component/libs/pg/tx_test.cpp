#include "libs/pg/tx.h"

#include <gtest/gtest.h>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/testing/pg_fixture.h"

namespace steward::pg {
namespace {

constexpr Statement kInsert{"insert_item", "INSERT INTO item (id, name) VALUES ($1, $2)"};
constexpr Statement kNames{"item_names", "SELECT name FROM item ORDER BY id"};
constexpr Statement kTimeouts{
    "show_timeouts",
    "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), "
    "current_setting('synchronous_commit')"};
constexpr Statement kXidAssigned{"xid_assigned", "SELECT pg_current_xact_id_if_assigned() IS NULL"};

class TxTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_ = testing::PgFixture::Shared().NewDatabase(
        {{1, "0001_item",
          "CREATE TABLE item (id bigint CONSTRAINT item_pkey PRIMARY KEY, name text NOT NULL, "
          "later bigint CONSTRAINT later_key UNIQUE DEFERRABLE INITIALLY DEFERRED)"}});
    connection_ = *Connection::Open(options_, &registry_);
  }
  absl::Status Tx_(const std::function<absl::Status(Tx&)>& body, TxOptions options = {}) {
    return RunInTx(*connection_, options, body);
  }
  std::vector<std::string> Names() {
    auto other = *Connection::Open(options_);
    const Result rows = *other->Run(kNames);
    std::vector<std::string> names;
    for (int i = 0; i < rows.rows(); ++i) {
      names.push_back(rows.Text(i, 0));
    }
    return names;
  }
  static Params Item(int64_t id, const char* name) { return Params().Add(id).Add(name); }

  Options options_;
  metrics::Registry registry_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(TxTest, CommitsInOneFlush) {
  int after = 0;
  const absl::Status status = Tx_([&](Tx& tx) {
    tx.Lock({LockKey::Exclusive("items/1")});
    tx.Queue(kInsert, Item(1, "one"));
    tx.Queue(kInsert, Item(2, "two"));
    tx.AfterCommit([&] { ++after; });
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(after, 1);
  EXPECT_EQ(Names(), (std::vector<std::string>{"one", "two"}));
}

TEST_F(TxTest, RowsAreThereAfterTheFlush) {
  ASSERT_TRUE(Tx_([&](Tx& tx) -> absl::Status {
                tx.Queue(kInsert, Item(1, "one"));
                const Pending names = tx.Queue(kNames);
                RETURN_IF_ERROR(tx.Flush());
                EXPECT_EQ(names->Text(0, 0), "one");
                ASSIGN_OR_RETURN(const Result again, tx.Run(kNames));
                EXPECT_EQ(again.rows(), 1);
                return absl::OkStatus();
              }).ok());
}

TEST_F(TxTest, WhatIsSentAheadIsAnsweredByTheNextFlush) {
  ASSERT_TRUE(Tx_([&](Tx& tx) -> absl::Status {
                RETURN_IF_ERROR(tx.Run(kInsert, Item(1, "one")).status());
                tx.Queue(kInsert, Item(2, "two"));
                const Pending two = tx.Queue(kNames);
                RETURN_IF_ERROR(tx.Send());
                tx.Queue(kInsert, Item(3, "three"));
                RETURN_IF_ERROR(tx.Send());
                RETURN_IF_ERROR(tx.Flush());  // with nothing queued
                EXPECT_EQ(two->rows(), 2);
                tx.Queue(kInsert, Item(4, "four"));
                return tx.Send();  // answered by COMMIT's round trip
              }).ok());
  EXPECT_EQ(Names(), (std::vector<std::string>{"one", "two", "three", "four"}));
}

TEST_F(TxTest, AFailureSentAheadFailsTheTransaction) {
  const auto with_twin = [&](bool refuse) {
    return Tx_([&](Tx& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.Run(kInsert, Item(1, "one")).status());
      tx.Queue(kInsert, Item(1, "twin"));
      RETURN_IF_ERROR(tx.Send());
      tx.Queue(kInsert, Item(2, "two"));
      RETURN_IF_ERROR(tx.Send());
      return refuse ? NotFound("items/3") : absl::OkStatus();
    });
  };
  const absl::Status status = with_twin(false);
  EXPECT_EQ(ViolatedConstraint(status), "item_pkey")
      << "the first failure, not what it led to: " << status;
  EXPECT_EQ(with_twin(true).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Names().empty());
  EXPECT_TRUE(Tx_([&](Tx& tx) { return tx.Run(kInsert, Item(4, "four")).status(); }).ok())
      << "the connection goes on";
}

TEST_F(TxTest, AStatementFirstPreparedBehindAFailureSentAheadCostsNoConnection) {
  static constexpr Statement kFresh{"fresh_ahead", "SELECT name FROM item WHERE id = $1"};
  const absl::Status status = Tx_([&](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Run(kInsert, Item(1, "one")).status());
    tx.Queue(kInsert, Item(1, "twin"));
    tx.Queue(kFresh, Params().Add(int64_t{1}));
    RETURN_IF_ERROR(tx.Send());
    tx.Queue(kFresh, Params().Add(int64_t{2}));
    return tx.Send();
  });
  EXPECT_EQ(ViolatedConstraint(status), "item_pkey");
  EXPECT_TRUE(connection_->healthy());
  EXPECT_TRUE(Tx_([&](Tx& tx) { return tx.Run(kFresh, Params().Add(int64_t{1})).status(); }).ok());
}

TEST_F(TxTest, ABodyThatRefusesLeavesNothing) {
  int after = 0;
  const absl::Status status = Tx_([&](Tx& tx) -> absl::Status {
    tx.Queue(kInsert, Item(1, "one"));
    RETURN_IF_ERROR(tx.Flush());
    tx.Queue(kInsert, Item(2, "two"));
    tx.AfterCommit([&] { ++after; });
    return NotFound("items/3");
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(after, 0);
  EXPECT_TRUE(Names().empty());
  EXPECT_TRUE(Tx_([&](Tx& tx) { return tx.Run(kInsert, Item(1, "again")).status(); }).ok());
}

TEST_F(TxTest, AFailureInTheLastFlushStopsTheCommit) {
  ASSERT_TRUE(Tx_([&](Tx& tx) { return tx.Run(kInsert, Item(1, "one")).status(); }).ok());
  const absl::Status status = Tx_([&](Tx& tx) {
    tx.Queue(kInsert, Item(2, "two"));
    tx.Queue(kInsert, Item(1, "twin"));
    tx.Queue(kInsert, Item(3, "three"));
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ViolatedConstraint(status), "item_pkey");
  EXPECT_EQ(Names(), (std::vector<std::string>{"one"}));
  EXPECT_TRUE(Tx_([&](Tx& tx) { return tx.Run(kInsert, Item(4, "four")).status(); }).ok());
}

TEST_F(TxTest, ASwallowedFailureStillFails) {
  const absl::Status status = Tx_([&](Tx& tx) {
    tx.Queue(kInsert, Item(1, "one"));
    tx.Queue(kInsert, Item(1, "twin"));
    tx.Flush().IgnoreError();
    tx.Queue(kInsert, Item(2, "two"));
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(Names().empty());
}

TEST_F(TxTest, ADeferredConstraintFailsTheCommit) {
  static constexpr Statement kLater{"insert_later",
                                    "INSERT INTO item (id, name, later) VALUES ($1, 'x', 1)"};
  const absl::Status status = Tx_([&](Tx& tx) {
    tx.Queue(kLater, Params().Add(int64_t{1}));
    tx.Queue(kLater, Params().Add(int64_t{2}));
    return absl::OkStatus();
  });
  EXPECT_EQ(ViolatedConstraint(status), "later_key");
  EXPECT_TRUE(Names().empty());
  EXPECT_TRUE(connection_->healthy());
}

TEST_F(TxTest, APrepareBehindAFailureIsNotRemembered) {
  static constexpr Statement kFresh{"fresh", "SELECT name FROM item WHERE id = $1"};
  const absl::Status status = Tx_([&](Tx& tx) {
    tx.Queue(kInsert, Item(1, "one"));
    tx.Queue(kInsert, Item(1, "twin"));
    tx.Queue(kFresh, Params().Add(int64_t{1}));
    return absl::OkStatus();
  });
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(connection_->Run(kFresh, Params().Add(int64_t{1})).ok());
  EXPECT_TRUE(connection_->Run(kFresh, Params().Add(int64_t{1})).ok());
}

TEST_F(TxTest, BadTextFailsBeforeAnythingIsSent) {
  const absl::Status status = Tx_([&](Tx& tx) {
    tx.Queue(kInsert, Item(1, "one"));
    tx.Queue(kInsert, Params().Add(int64_t{2}).Add(std::string("\xff")));
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(status), "TEXT_INVALID");
  EXPECT_TRUE(Names().empty());
}

TEST_F(TxTest, AnEmptyBodySendsNothing) {
  EXPECT_TRUE(Tx_([](Tx&) { return absl::OkStatus(); }).ok());
  EXPECT_EQ(registry_.Text().find("query=\"begin\""), std::string::npos);
}

TEST_F(TxTest, TheSessionsLimitsCostNoStatement) {
  ASSERT_TRUE(Tx_([](Tx& tx) -> absl::Status {
                ASSIGN_OR_RETURN(const Result row, tx.Run(kTimeouts));
                EXPECT_EQ(row.Text(0, 0), "5s");
                EXPECT_EQ(row.Text(0, 1), "2s");
                EXPECT_EQ(row.Text(0, 2), "on");
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(registry_.Text().find("query=\"set_timeouts\""), std::string::npos);
}

TEST_F(TxTest, OtherLimitsFollowTheBudget) {
  const auto millis = [](const std::string& text) {
    return text.find("ms") != std::string::npos ? std::stoi(text) : std::stoi(text) * 1000;
  };
  ASSERT_TRUE(Tx_(
                  [&](Tx& tx) -> absl::Status {
                    ASSIGN_OR_RETURN(const Result row, tx.Run(kTimeouts));
                    EXPECT_LE(millis(row.Text(0, 0)), 1500);
                    EXPECT_GT(millis(row.Text(0, 0)), 500);
                    EXPECT_EQ(row.Text(0, 0), row.Text(0, 1));
                    EXPECT_EQ(row.Text(0, 2), "off");
                    return absl::OkStatus();
                  },
                  {.budget = Milliseconds(1500), .asynchronous_commit = true})
                  .ok());
  ASSERT_TRUE(Tx_(
                  [&](Tx& tx) -> absl::Status {
                    tx.SetLockTimeout(Milliseconds(200));
                    ASSIGN_OR_RETURN(const Result row, tx.Run(kTimeouts));
                    EXPECT_EQ(row.Text(0, 1), "200ms");
                    tx.SetLockTimeout(Milliseconds(300));
                    ASSIGN_OR_RETURN(const Result later, tx.Run(kTimeouts));
                    EXPECT_EQ(later.Text(0, 1), "300ms");
                    EXPECT_EQ(later.Text(0, 0), "5s");
                    return absl::OkStatus();
                  },
                  {.budget = Seconds(30)})
                  .ok());
  EXPECT_EQ(connection_->Run(kTimeouts)->Text(0, 0), "5s");
}

TEST_F(TxTest, WithoutTimeLeftNothingIsCommitted) {
  static constexpr Statement kSleep{"sleep_a_little", "SELECT pg_sleep(0.15)"};
  const absl::Status status = Tx_(
      [&](Tx& tx) -> absl::Status {
        tx.Queue(kInsert, Item(1, "one"));
        return tx.Run(kSleep).status();
      },
      {.budget = Milliseconds(100)});
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Tx_([&](Tx& tx) { return tx.Run(kNames).status(); }, {.budget = Duration{0}}).code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(Names().empty());
}

TEST_F(TxTest, LocksAssignNoTransactionId) {
  ASSERT_TRUE(Tx_([](Tx& tx) -> absl::Status {
                tx.Lock({LockKey::Exclusive("a"), LockKey::Shared("b"), LockKey::Exclusive("c")});
                ASSIGN_OR_RETURN(const Result row, tx.Run(kXidAssigned));
                EXPECT_TRUE(row.Bool(0, 0));
                return absl::OkStatus();
              }).ok());
}

using TxDeathTest = TxTest;

TEST_F(TxDeathTest, BugsCrash) {
  EXPECT_DEATH(Tx_([](Tx& tx) {
                 tx.MarkClaimed();
                 tx.Lock({LockKey::Exclusive("a")});
                 return absl::OkStatus();
               }).IgnoreError(),
               "Lock after the idempotency claim");
  EXPECT_DEATH(Tx_([](Tx& tx) {
                 tx.Lock({{10, false}});
                 tx.Lock({{9, false}});
                 return absl::OkStatus();
               }).IgnoreError(),
               "sorts before");
  EXPECT_DEATH(Tx_([](Tx& tx) {
                 return tx.Queue(kNames)->rows() == 0 ? absl::OkStatus() : absl::OkStatus();
               }).IgnoreError(),
               "before the flush");
  EXPECT_DEATH(Tx_([&](Tx&) { return Tx_([](Tx&) { return absl::OkStatus(); }); }).IgnoreError(),
               "inside another");
}

}  // namespace
}  // namespace steward::pg
