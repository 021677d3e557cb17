#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>

#include "libs/base/status.h"
#include "libs/pg/pool.h"
#include "libs/pg/tx.h"
#include "libs/runtime/failpoint.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"

namespace steward::pg {
namespace {

using testing::Eventually;

constexpr Statement kInsert{"insert_item", "INSERT INTO item VALUES ($1)"};
constexpr Statement kCount{"count_items", "SELECT count(*) FROM item"};

class TxFaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_ = testing::PgFixture::Shared().NewDatabase(
        {{1, "0001_item", "CREATE TABLE item (id bigint PRIMARY KEY)"}});
    connection_ = *Connection::Open(options_);
    observer_ = *Connection::Open(options_);
  }
  void TearDown() override { runtime::DisarmFailpoints(); }
  void Terminate() {
    static constexpr Statement kTerminate{"terminate", "SELECT pg_terminate_backend($1, 5000)"};
    ASSERT_TRUE(observer_->Run(kTerminate, Params().Add(int32_t{connection_->backend_pid()})).ok());
  }
  int64_t Count() { return observer_->Run(kCount)->Int(0, 0); }
  static Params Id(int64_t id) { return Params().Add(id); }

  Options options_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Connection> observer_;
};

TEST_F(TxFaultTest, LostBeforeTheFlushOfCommitIsUnknown) {
  const absl::Status status = RunInTx(*connection_, {}, [&](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Run(kInsert, Id(1)).status());
    Terminate();
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), "COMMIT_OUTCOME_UNKNOWN");
  EXPECT_FALSE(connection_->healthy());
  EXPECT_EQ(Count(), 0);
}

// The answer to COMMIT is lost, the commit is not: the client learns the truth by its request_id.
TEST_F(TxFaultTest, LostAfterCommitIsUnknownToo) {
  ASSERT_TRUE(
      observer_
          ->RunScript(
              "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
              "pg_sleep(0.2); "
              "RETURN NULL; END $$; CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON item DEFERRABLE "
              "INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()")
          .ok());
  const int socket = connection_->socket();
  const absl::Status status = RunInTx(*connection_, {}, [&](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Run(kInsert, Id(1)).status());
    shutdown(socket, SHUT_RD);  // the request still leaves, no answer arrives
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(status), "COMMIT_OUTCOME_UNKNOWN");
  EXPECT_TRUE(Eventually(Seconds(10), [&] { return Count() == 1; }));
}

TEST_F(TxFaultTest, LostEarlierIsUnavailable) {
  const absl::Status status = RunInTx(*connection_, {}, [&](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Run(kInsert, Id(1)).status());
    Terminate();
    return tx.Run(kInsert, Id(2)).status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), "DATABASE_UNAVAILABLE");
  EXPECT_EQ(Count(), 0);
}

TEST_F(TxFaultTest, AnIdleTransactionIsEndedByTheServer) {
  ASSERT_TRUE(connection_->RunScript("SET idle_in_transaction_session_timeout = '100ms'").ok());
  const absl::Status status = RunInTx(*connection_, {}, [&](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Run(kInsert, Id(1)).status());
    EXPECT_TRUE(Eventually(Seconds(5), [&] {
      char byte;
      return recv(connection_->socket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
    }));
    return tx.Run(kInsert, Id(2)).status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(Count(), 0);
}

TEST_F(TxFaultTest, AServerThatStopsAnsweringCostsTheBudgetAndAGrace) {
  const pid_t backend = connection_->backend_pid();
  const absl::Status status =
      RunInTx(*connection_, {.budget = Milliseconds(300)}, [&](Tx& tx) -> absl::Status {
        RETURN_IF_ERROR(tx.Run(kInsert, Id(1)).status());
        kill(backend, SIGSTOP);
        return tx.Run(kInsert, Id(2)).status();
      });
  kill(backend, SIGCONT);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_FALSE(connection_->healthy());
  EXPECT_EQ(Count(), 0);
}

TEST_F(TxFaultTest, TheFailpointBeforeCommitRollsBack) {
  ASSERT_TRUE(runtime::ArmFailpoints("tx.before_commit=error@1").ok());
  const auto insert = [&] {
    return RunInTx(*connection_, {}, [&](Tx& tx) {
      tx.Queue(kInsert, Id(1));
      return absl::OkStatus();
    });
  };
  EXPECT_EQ(insert().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Count(), 0);
  EXPECT_TRUE(insert().ok());
  EXPECT_EQ(Count(), 1);
}

TEST_F(TxFaultTest, AKilledServerComesBackWithWhatWasCommitted) {
  WorkerConnections workers(options_, 1, nullptr);
  const auto insert = [&](int64_t id) -> absl::Status {
    ASSIGN_OR_RETURN(Connection* const connection, workers.Get(0));
    return RunInTx(*connection, {}, [&](Tx& tx) {
      tx.Queue(kInsert, Id(id));
      return absl::OkStatus();
    });
  };
  ASSERT_TRUE(insert(1).ok());
  testing::PgFixture::Shared().Kill();
  EXPECT_EQ(insert(2).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(insert(2).code(), absl::StatusCode::kUnavailable);
  testing::PgFixture::Shared().Restart();
  EXPECT_TRUE(insert(3).ok());
  observer_ = *Connection::Open(options_);
  EXPECT_EQ(Count(), 2);
}

TEST_F(TxFaultTest, AConnectionThatDiedIdleIsReplacedBeforeItIsUsed) {
  WorkerConnections workers(options_, 1, nullptr);
  ASSERT_TRUE(workers.Get(0).ok());
  testing::PgFixture::Shared().Kill();
  testing::PgFixture::Shared().Restart();
  const auto connection = workers.Get(0);
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_TRUE((*connection)->Run(kCount).ok());
  observer_ = *Connection::Open(options_);
}

}  // namespace
}  // namespace steward::pg
