#include "libs/idempotency/idempotency.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "libs/base/status.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"
#include "tests/idempotency_migrations.h"

namespace steward::idempotency {
namespace {

using testing::Eventually;

constexpr pg::Statement kEffect{"effect", "INSERT INTO effect (what) VALUES ($1)"};
constexpr pg::Statement kEffects{"effects", "SELECT count(*) FROM effect"};
constexpr pg::Statement kKeys{"keys", "SELECT count(*) FROM idempotency_key"};

class IdempotencyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto migrations = schema::Migrations();
    migrations.push_back({2, "0002_create_effect", "CREATE TABLE effect (what text NOT NULL)"});
    options_ = testing::PgFixture::Shared().NewDatabase(migrations);
    connection_ = Open();
  }
  std::unique_ptr<pg::Connection> Open() { return *pg::Connection::Open(options_); }

  static Key MakeKey(const std::string& request_id, const std::string& body = "body") {
    return {"/steward.test.v1.Test/Do", "members/a", request_id, "hash of " + body};
  }
  // One command: its answer is `response`, unless the key was answered before.
  static absl::StatusOr<std::string> Do(pg::Connection& connection, const Key& key,
                                        const std::string& response, absl::Status refusal = {},
                                        Duration lock_timeout = Seconds(2)) {
    std::string answer;
    const auto body = [&](pg::Tx& tx) -> absl::Status {
      tx.SetLockTimeout(lock_timeout);
      const Lookup lookup = Find(tx, key);
      RETURN_IF_ERROR(tx.Flush());
      ASSIGN_OR_RETURN(const auto stored, lookup.Get());
      if (stored) {
        answer = *stored;
        return absl::OkStatus();
      }
      Claim(tx, key, response, "tickets/1");
      tx.Queue(kEffect, pg::Params().Add(response));
      answer = response;
      return refusal;
    };
    absl::Status status = pg::RunInTx(connection, {}, body);
    if (IsTwin(status)) {
      status = pg::RunInTx(connection, {}, body);
    }
    RETURN_IF_ERROR(status);
    return answer;
  }
  int64_t Count(const pg::Statement& statement) { return connection_->Run(statement)->Int(0, 0); }

  pg::Options options_;
  std::unique_ptr<pg::Connection> connection_;
};

TEST_F(IdempotencyTest, ARepeatAnswersTheFirstAnswer) {
  const std::string bytes("first\0\xff", 7);
  EXPECT_EQ(*Do(*connection_, MakeKey("r1"), "first"), "first");
  EXPECT_EQ(*Do(*connection_, MakeKey("r1"), "second"), "first");
  EXPECT_EQ(*Do(*connection_, MakeKey("r2"), "other"), "other");
  EXPECT_EQ(Count(kEffects), 2);
  ASSERT_TRUE(pg::RunInTx(*connection_, {}, [&](pg::Tx& tx) {
                Claim(tx, MakeKey("r3"), bytes, "tickets/1");
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(*Do(*connection_, MakeKey("r3"), "x"), bytes);
}

TEST_F(IdempotencyTest, TheKeyIsMethodCallerAndId) {
  Key other_caller = MakeKey("r1"), other_method = MakeKey("r1");
  other_caller.caller = "members/b";
  other_method.method = "/steward.test.v1.Test/Other";
  EXPECT_EQ(*Do(*connection_, MakeKey("r1"), "1"), "1");
  EXPECT_EQ(*Do(*connection_, other_caller, "2"), "2");
  EXPECT_EQ(*Do(*connection_, other_method, "3"), "3");
  EXPECT_EQ(Count(kEffects), 3);
}

TEST_F(IdempotencyTest, AnotherBodyIsRefused) {
  ASSERT_TRUE(Do(*connection_, MakeKey("r1"), "first").ok());
  const auto reused = Do(*connection_, MakeKey("r1", "other body"), "second");
  EXPECT_EQ(reused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(reused.status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(Count(kEffects), 1);
}

TEST_F(IdempotencyTest, WithoutIdEveryCallRuns) {
  EXPECT_EQ(*Do(*connection_, MakeKey(""), "1"), "1");
  EXPECT_EQ(*Do(*connection_, MakeKey(""), "2"), "2");
  EXPECT_EQ(Count(kEffects), 2);
  EXPECT_EQ(Count(kKeys), 0);
}

TEST_F(IdempotencyTest, ARefusedCommandLeavesNoRow) {
  EXPECT_EQ(Do(*connection_, MakeKey("r1"), "1", NotFound("tickets/1")).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Count(kKeys), 0);
  EXPECT_EQ(Count(kEffects), 0);
  EXPECT_EQ(*Do(*connection_, MakeKey("r1"), "2"), "2");
}

TEST_F(IdempotencyTest, ConcurrentTwinsRunOnce) {
  constexpr int kTwins = 8;
  for (int round = 0; round < 5; ++round) {
    const Key key = MakeKey("round" + std::to_string(round));
    std::string answers[kTwins];
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < kTwins; ++i) {
        threads.emplace_back([&, i] {
          auto connection = Open();
          const auto answer = Do(*connection, key, "by " + std::to_string(i));
          EXPECT_TRUE(answer.ok()) << answer.status();
          answers[i] = answer.value_or("");
        });
      }
    }
    for (const std::string& answer : answers) {
      EXPECT_EQ(answer, answers[0]);
    }
    EXPECT_EQ(Count(kEffects), round + 1);
  }
}

// The twin arrives while the first one is still open: it waits at the claim, then learns its answer.
TEST_F(IdempotencyTest, ATwinWaitsForTheFirst) {
  auto second = Open();
  std::atomic<bool> done = false;
  std::jthread twin;
  ASSERT_TRUE(
      pg::RunInTx(*connection_, {}, [&](pg::Tx& tx) -> absl::Status {
        Claim(tx, MakeKey("r1"), "first", "tickets/1");
        tx.Queue(kEffect, pg::Params().Add("first"));
        RETURN_IF_ERROR(tx.Flush());
        twin = std::jthread([&] {
          EXPECT_EQ(Do(*second, MakeKey("r1"), "second").value_or("failed"), "first");
          done = true;
        });
        static constexpr pg::Statement kWaiting{
            "waiting",
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid' "
            "AND pid = $1"};
        EXPECT_TRUE(Eventually(Seconds(10), [&] {
          return Open()
                     ->Run(kWaiting, pg::Params().Add(int32_t{second->backend_pid()}))
                     ->Int(0, 0) == 1;
        }));
        EXPECT_FALSE(done);
        return absl::OkStatus();
      }).ok());
  twin.join();
  EXPECT_EQ(Count(kEffects), 1);
}

TEST_F(IdempotencyTest, ATimeoutOnTheClaimIsAbortedWithRetryInfo) {
  auto second = Open();
  ASSERT_TRUE(pg::RunInTx(*connection_, {}, [&](pg::Tx& tx) -> absl::Status {
                Claim(tx, MakeKey("r1"), "first", "tickets/1");
                RETURN_IF_ERROR(tx.Flush());
                const auto twin = Do(*second, MakeKey("r1"), "second", {}, Milliseconds(150));
                EXPECT_EQ(twin.status().code(), absl::StatusCode::kAborted);
                EXPECT_EQ(ReasonOf(twin.status()), "LOCK_TIMEOUT");
                EXPECT_TRUE(RefusalOf(twin.status())->retry_after_ms.has_value());
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(*Do(*second, MakeKey("r1"), "second"), "first");
}

TEST_F(IdempotencyTest, PurgeDeletesOldRowsInPortions) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Do(*connection_, MakeKey("r" + std::to_string(i)), "x").ok());
  }
  ASSERT_TRUE(
      connection_
          ->RunScript("UPDATE idempotency_key SET create_time = create_time - interval '8 days' "
                      "WHERE request_id <> 'r4'")
          .ok());
  EXPECT_EQ(*Purge(*connection_, 3), 3);
  EXPECT_EQ(*Purge(*connection_, 3), 1);
  EXPECT_EQ(*Purge(*connection_, 3), 0);
  EXPECT_EQ(Count(kKeys), 1);
}

}  // namespace
}  // namespace steward::idempotency
