#include "libs/service/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "libs/base/status.h"
#include "libs/runtime/failpoint.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"
#include "steward/directory/events/v1/directory_events.pb.h"
#include "steward/directory/v1/directory.pb.h"
#include "tests/service_migrations.h"

namespace steward::service {
namespace {

using ::testing::HasSubstr;
using Response = directory::v1::Member;
using EventMessage = directory::events::v1::DirectoryEvent;

constexpr pg::Statement kJournalRows{"test_journal", "SELECT count(*) FROM journal"};
constexpr pg::Statement kKeyRows{"test_keys", "SELECT count(*) FROM idempotency_key"};
constexpr pg::Statement kConflict{"test_conflict", "SELECT fail_serialization()"};

class CommandTest : public ::testing::Test {
 protected:
  void TearDown() override { runtime::DisarmFailpoints(); }

  rpc::Call MakeCall(const std::string& request_id, const std::string& hash = "hash",
                     int worker = 0) {
    rpc::Call call;
    call.method = "/steward.directory.v1.DirectoryService/CreateMember";
    call.worker = worker;
    call.caller = "members/tester";
    call.request_id = request_id;
    call.request_hash = hash;
    call.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    call.correlation = "c-1";
    call.deadline_micros = MonotonicMicros() + Seconds(10).micros;
    return call;
  }

  // A command as handlers are written: look the request up, decide, claim, append.
  absl::Status Create(const rpc::Call& call, const std::string& name, Response* response,
                      const std::function<absl::Status(pg::Tx&)>& before_claim = {}) {
    return RunCommand(env, call, response, [&](pg::Tx& tx, Command& command) -> absl::Status {
      command.Find();
      RETURN_IF_ERROR(tx.Flush());
      if (command.Answered()) {
        return absl::OkStatus();
      }
      seen_now.push_back(command.now());
      response->set_name(name);
      response->set_display_name("made by " + command.origin().actor);
      if (before_claim) {
        RETURN_IF_ERROR(before_claim(tx));
      }
      command.Claim(name);
      return command.Append({Added(name, command.now())});
    });
  }

  eventing::NewEvent Added(const std::string& name, Time now) {
    EventMessage message;
    message.mutable_member_added()->set_active(true);
    return eventing::MakeEvent(ids, now, name, 1, now, message);
  }

  int64_t Count(const pg::Statement& statement) { return (*db.Get(0))->Run(statement)->Int(0, 0); }
  bool ReplaysAre(int n) {
    std::string line = "steward_idempotent_replays_total{grpc_method=\"CreateMember\"} " +
                       std::to_string(n) + "\n";
    return registry.Text().find(line) != std::string::npos;
  }

  static constexpr Time kStart{1'772'438'400'000'000};
  metrics::Registry registry;
  pg::Options options = testing::PgFixture::Shared().NewDatabase(testdata::Migrations());
  pg::WorkerConnections db{options, 4, &registry};
  testing::FakeClock clock{kStart};
  SeededIdGenerator ids{7};
  Env env{.service = "directory",
          .db = &db,
          .clock = &clock,
          .ids = &ids,
          .metrics = &registry,
          .topic_message = &EventMessage::default_instance()};
  std::vector<Time> seen_now;
};

TEST_F(CommandTest, CommitsJournalAndAnswerTogether) {
  Response response;
  ASSERT_TRUE(Create(MakeCall("r-1"), "members/a", &response).ok());
  EXPECT_EQ(response.display_name(), "made by members/tester");
  auto rows = eventing::ReadAggregate(**db.Get(0), "members/a", 0, 10).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].type, "member.added");
  EXPECT_EQ(rows[0].actor, "members/tester");
  EXPECT_EQ(rows[0].correlation, "c-1");
  EXPECT_EQ(rows[0].occurred_at, kStart);
  EXPECT_EQ(Count(kKeyRows), 1);
}

TEST_F(CommandTest, RepeatAnswersTheFirstAnswer) {
  Response first;
  Response again;
  ASSERT_TRUE(Create(MakeCall("r-1"), "members/a", &first).ok());
  ASSERT_TRUE(Create(MakeCall("r-1"), "members/other", &again).ok());
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(Count(kJournalRows), 1);
  EXPECT_TRUE(ReplaysAre(1));
}

TEST_F(CommandTest, AnotherBodyUnderTheSameIdIsRefused) {
  Response response;
  ASSERT_TRUE(Create(MakeCall("r-1", "hash"), "members/a", &response).ok());
  absl::Status status = Create(MakeCall("r-1", "other hash"), "members/b", &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "REQUEST_ID_REUSED");
  EXPECT_EQ(Count(kJournalRows), 1);
}

TEST_F(CommandTest, IdsOfOtherCallersAreOtherKeys) {
  Response response;
  ASSERT_TRUE(Create(MakeCall("r-1"), "members/a", &response).ok());
  rpc::Call other = MakeCall("r-1");
  other.caller = "members/other";
  ASSERT_TRUE(Create(other, "members/b", &response).ok());
  EXPECT_EQ(response.name(), "members/b");
  EXPECT_EQ(Count(kJournalRows), 2);
}

TEST_F(CommandTest, WithoutIdEveryCallRuns) {
  Response response;
  ASSERT_TRUE(Create(MakeCall(""), "members/a", &response).ok());
  ASSERT_TRUE(Create(MakeCall(""), "members/b", &response).ok());
  EXPECT_EQ(Count(kJournalRows), 2);
  EXPECT_EQ(Count(kKeyRows), 0);
}

TEST_F(CommandTest, RefusedCommandLeavesNoRow) {
  Response response;
  absl::Status refused = Create(MakeCall("r-1"), "members/a", &response,
                                [](pg::Tx&) { return IllegalTransition("a", "b", "c"); });
  EXPECT_EQ(ReasonOf(refused), "ILLEGAL_TRANSITION");
  EXPECT_EQ(Count(kKeyRows), 0);
  ASSERT_TRUE(Create(MakeCall("r-1"), "members/a", &response).ok());
  EXPECT_EQ(Count(kJournalRows), 1);
}

// Both look, both find nothing, both write: the constraint lets one through, the other answers what that one stored.
TEST_F(CommandTest, ConcurrentTwinsHaveOneEffectAndOneAnswer) {
  std::barrier both(2);
  Response responses[2];
  absl::Status statuses[2];
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      std::string name = "members/twin" + std::to_string(i);
      statuses[i] = RunCommand(env, MakeCall("r-1", "hash", i), &responses[i],
                               [&](pg::Tx& tx, Command& command) -> absl::Status {
                                 command.Find();
                                 RETURN_IF_ERROR(tx.Flush());
                                 both.arrive_and_wait();
                                 EXPECT_FALSE(command.Answered());
                                 responses[i].set_name(name);
                                 command.Claim(name);
                                 return command.Append({Added(name, command.now())});
                               });
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_TRUE(statuses[0].ok()) << statuses[0];
  EXPECT_TRUE(statuses[1].ok()) << statuses[1];
  EXPECT_EQ(responses[0].name(), responses[1].name());
  EXPECT_EQ(Count(kJournalRows), 1);
  EXPECT_TRUE(ReplaysAre(1));
  Response after;
  EXPECT_TRUE(Create(MakeCall("", "hash", 1), "members/after", &after).ok())
      << "the worker's connection still works";
}

TEST_F(CommandTest, TwinWithAnotherBodyIsRefused) {
  Response other;
  Response response;
  absl::Status status = Create(MakeCall("r-1", "hash", 0), "members/a", &response, [&](pg::Tx&) {
    // Between look-up and claim the twin commits.
    return Create(MakeCall("r-1", "other hash", 1), "members/b", &other);
  });
  EXPECT_EQ(ReasonOf(status), "REQUEST_ID_REUSED");
  EXPECT_EQ(Count(kJournalRows), 1);
}

TEST_F(CommandTest, RepeatedAttemptStartsCleanWithTheSameNow) {
  ASSERT_TRUE(
      (*db.Get(0))
          ->RunScript("CREATE FUNCTION fail_serialization() RETURNS integer LANGUAGE plpgsql AS "
                      "$$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")
          .ok());
  int attempts = 0;
  Response response;
  ASSERT_TRUE(Create(MakeCall("r-1"), "members/a", &response, [&](pg::Tx& tx) -> absl::Status {
                EXPECT_EQ(response.email(), "") << "left over from the failed attempt";
                response.set_email("x@example.com");
                clock.Advance(Seconds(1));
                return ++attempts == 1 ? tx.Run(kConflict).status() : absl::OkStatus();
              }).ok());
  EXPECT_EQ(attempts, 2);
  EXPECT_EQ(seen_now, (std::vector<Time>{kStart, kStart}));
  EXPECT_EQ(Count(kJournalRows), 1);
}

TEST_F(CommandTest, FailpointBeforeCommitLeavesNothing) {
  ASSERT_TRUE(runtime::ArmFailpoints("tx.before_commit=error@1").ok());
  Response response;
  EXPECT_EQ(Create(MakeCall("r-1"), "members/a", &response).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Count(kJournalRows), 0);
  EXPECT_EQ(Count(kKeyRows), 0);
  EXPECT_TRUE(Create(MakeCall("r-1"), "members/a", &response).ok());
}

TEST_F(CommandTest, LostReplyIsRepeatedByTheSameId) {
  ASSERT_TRUE(runtime::ArmFailpoints("rpc.after_commit_before_reply=error@1").ok());
  Response response;
  EXPECT_EQ(Create(MakeCall("r-1"), "members/a", &response).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Count(kJournalRows), 1) << "the commit happened, only its answer was lost";
  ASSERT_TRUE(Create(MakeCall("r-1"), "members/a", &response).ok());
  EXPECT_EQ(response.name(), "members/a");
  EXPECT_EQ(Count(kJournalRows), 1);
}

TEST_F(CommandTest, PassedDeadlineRunsNothing) {
  rpc::Call call = MakeCall("r-1");
  call.deadline_micros = MonotonicMicros() - 1;
  Response response;
  EXPECT_EQ(Create(call, "members/a", &response).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(seen_now.empty());
}

TEST_F(CommandTest, ResponseMayNotChangeAfterItsClaim) {
  Response response;
  absl::Status status = RunCommand(env, MakeCall("r-1"), &response,
                                   [&](pg::Tx& tx, Command& command) -> absl::Status {
                                     command.Find();
                                     RETURN_IF_ERROR(tx.Flush());
                                     response.set_name("members/a");
                                     command.Claim("members/a");
                                     response.set_name("members/b");
                                     return command.Append({Added("members/a", command.now())});
                                   });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Count(kJournalRows), 0);
}

TEST_F(CommandTest, ReadsUseTheWorkersConnection) {
  auto first = ReadConnection(env, MakeCall("", "", 2));
  auto second = ReadConnection(env, MakeCall("", "", 2));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first, *second);
  EXPECT_NE(*first, *ReadConnection(env, MakeCall("", "", 3)));
}

}  // namespace
}  // namespace steward::service
