// The board in Redis: the same as PostgreSQL's, whatever happens to either; never a wrong answer in between.

#include "services/sla/board/board.h"

#include <atomic>
#include <functional>

#include "libs/testing/redis_fixture.h"
#include "services/sla/board/projector.h"
#include "tests/component/services/sla/fixture.h"

namespace steward::sla {
namespace {

using testing::Eventually;
using testing::RedisFixture;

class BoardTest : public SlaTest {
 protected:
  void SetUp() override {
    SlaTest::SetUp();
    RedisFixture::Shared().FlushAll();
    board_ = NewBoard();
  }
  void TearDown() override {
    board_->Stop();
    SlaTest::TearDown();
  }

  std::unique_ptr<Board> NewBoard(std::function<bool()> firing_behind = {}) {
    redis::Options options = RedisFixture::Shared().options();
    options.command_timeout_ms = 1000;  // of a busy machine
    options.breaker_open_ms = 100;
    return std::make_unique<Board>(Board::Deps{.pg = pg_,
                                               .redis = options,
                                               .clock = &clock_,
                                               .metrics = &registry_,
                                               .firing_behind = std::move(firing_behind)});
  }
  redis::Reply Redis(const std::vector<std::string>& command) {
    const auto reply = redis::Client(RedisFixture::Shared().options(), nullptr).Command(command);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? *reply : redis::Reply();
  }

  std::string FromPostgreSql(int limit) {
    ClocksApi api({.env = env_,
                   .rules = &rules_,
                   .org = &org_,
                   .tokens = &tokens_,
                   .watcher = nullptr,
                   .board = nullptr});
    v1::GetBoardRequest request;
    request.set_limit(limit);
    v1::Board board;
    EXPECT_TRUE(Do(api, &ClocksApi::GetBoard, request, &board).ok());
    EXPECT_EQ(board.served_by(), "postgresql");
    return Content(board);
  }
  // Everything but who answered, and when.
  static std::string Content(v1::Board board) {
    board.clear_served_by();
    board.clear_as_of_time();
    return board.DebugString();
  }
  bool SameAsPostgreSql(int limit = 20) {
    return Eventually(Seconds(10), [&] {
      const auto board = board_->Read(limit);
      return board && board->served_by() == "redis" && Content(*board) == FromPostgreSql(limit);
    });
  }
  std::string Differs() {
    const auto board = board_->Read(20);
    return "redis: " + (board ? Content(*board) : "no answer") +
           "\npostgresql: " + FromPostgreSql(20);
  }
  int64_t Counted(const std::string& result) {
    const std::string text = registry_.Text();
    const std::string line =
        "steward_cache_requests_total{cache=\"board\",result=\"" + result + "\"} ";
    const size_t at = text.find(line);
    return at == std::string::npos ? -1 : std::stoll(text.substr(at + line.size()));
  }

  std::unique_ptr<Board> board_;
};

TEST_F(BoardTest, FollowsRegistrationsPausesStopsAndBreaches) {
  v1::Policy slow = MakePolicy("closure", Hours(100), "ticket.closed");
  slow.add_pause_causes("*");
  slow.add_warnings()->set_share_percent(1);
  Install(slow);
  Install(MakePolicy("first", Milliseconds(1500)));
  Apply({Registered(TicketId(1), DatabaseNow())});
  board_->Start();
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  watchers_.push_back(NewWatcher());
  watchers_[0]->Start();
  std::vector<eventing::Event> events;
  for (int n = 2; n <= 30; ++n) {
    events.push_back(Registered(TicketId(n), DatabaseNow() - Hours(n % 3)));
  }
  Apply(events);
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  Apply({Held(TicketId(3), true, DatabaseNow()), Held(TicketId(4), true, DatabaseNow()),
         Milestone(TicketId(5), "ticket.closed", DatabaseNow()),
         Milestone(TicketId(6), "ticket.first_responded", DatabaseNow())});
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  ASSERT_TRUE(Eventually(
      Seconds(20), [&] { return Count("b1", "SELECT count(*) FROM clock WHERE breached") >= 28; }));
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  const auto board = board_->Read(20);
  ASSERT_TRUE(board);
  EXPECT_GE(board->counts(3).clocks(), 28) << "breached";
  EXPECT_GE(board->counts(1).clocks(), 1) << "warned";
  EXPECT_EQ(board->counts(2).clocks(), 2) << "paused";
  EXPECT_GT(Counted("hit"), 0);
}

TEST_F(BoardTest, EveryOwnerAndTeamWithTheNextPromise) {
  Install(MakePolicy("first", Hours(48)));
  board_->Start();
  const Time start = DatabaseNow();
  std::vector<eventing::Event> events;
  for (int n = 1; n <= 12; ++n) {
    events.push_back(Registered(TicketId(n), start - Minutes(n)));
    events.push_back(Assigned(TicketId(n), n % 3 == 0 ? "members/lead" : "members/boss", start));
  }
  Apply(events);
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  EXPECT_EQ(board_->Read(20)->owners_size(), 2);
  EXPECT_EQ(board_->Read(1)->owners_size(), 1);
  // The last promise of an owner is kept: the row goes.
  std::vector<eventing::Event> answers;
  for (int n = 3; n <= 12; n += 3) {
    answers.push_back(Milestone(TicketId(n), "ticket.first_responded", start));
  }
  Apply(answers);
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  EXPECT_EQ(board_->Read(20)->owners_size(), 1);
}

TEST_F(BoardTest, ANewOwnerShowsByTheEventOfItsClock) {
  Install(MakePolicy("first", Hours(48)));
  board_->Start();
  const Time start = DatabaseNow();
  Apply({Registered(TicketId(1), start), Registered(TicketId(2), start)});
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  Apply({Assigned(TicketId(1), "members/lead", start + Seconds(1))});
  EXPECT_EQ(Count("b1", "SELECT count(*) FROM journal WHERE type = 'clock.assigned'"), 1);
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  EXPECT_EQ(board_->Read(20)->owners_size(), 2);
  const std::string before = Redis({"HGET", kBoardKey, "generation"}).text;
  Apply({Transferred(TicketId(2), "teams/west", "", start + Seconds(2))});
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  EXPECT_EQ(board_->Read(20)->teams_size(), 2);
  EXPECT_EQ(Redis({"HGET", kBoardKey, "generation"}).text, before) << "followed, not built anew";
}

TEST_F(BoardTest, AFlushedRedisIsFilledAnew) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered(TicketId(1), DatabaseNow())});
  board_->Start();
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  RedisFixture::Shared().FlushAll();
  Apply({Registered(TicketId(2), DatabaseNow())});
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
}

TEST_F(BoardTest, ItGivesWayToFiringButIsNotPutOffForEver) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered(TicketId(1), DatabaseNow())});
  std::atomic<int> asked{0};
  board_ = NewBoard([&] {
    ++asked;
    return true;
  });
  board_->Start();
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  EXPECT_GE(asked, 2) << "each page waits, a second at most";
  const int before = asked;
  Apply({Registered(TicketId(2), DatabaseNow())});
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  EXPECT_GT(asked, before) << "changes are followed, a page a second";
}

TEST_F(BoardTest, AForeignPositionStartsARebuild) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered(TicketId(1), DatabaseNow())});
  board_->Start();
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  const std::string before = Redis({"HGET", kBoardKey, "generation"}).text;
  Redis({"HSET", "sla:board:" + before + ":counts", "running", "77"});
  EXPECT_EQ(board_->Read(20)->counts(0).clocks(), 77) << "what Redis holds is what is read";
  Redis({"HSET", kBoardKey, "position", "1:1"});
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  EXPECT_NE(Redis({"HGET", kBoardKey, "generation"}).text, before);
  EXPECT_EQ(Redis({"EXISTS", "sla:board:" + before + ":counts"}).number, 0);
}

TEST_F(BoardTest, ADemandedRebuildMakesAnotherGeneration) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered(TicketId(1), DatabaseNow())});
  board_->Start();
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  const std::string before = Redis({"HGET", kBoardKey, "generation"}).text;
  auto elsewhere = NewBoard();  // another replica, whose thread does not lead
  ASSERT_TRUE(elsewhere->Rebuild().ok());
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  EXPECT_NE(Redis({"HGET", kBoardKey, "generation"}).text, before);
}

TEST_F(BoardTest, WithRedisDownPostgreSqlAnswersUntilItIsBack) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered(TicketId(1), DatabaseNow())});
  board_->Start();
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  RedisFixture::Shared().Kill();
  EXPECT_FALSE(board_->Read(20));
  EXPECT_FALSE(board_->Rebuild().ok());
  EXPECT_EQ(Counted("error"), 1);
  ClocksApi api({.env = env_,
                 .rules = &rules_,
                 .org = &org_,
                 .tokens = &tokens_,
                 .watcher = nullptr,
                 .board = board_.get()});
  v1::Board answer;
  ASSERT_TRUE(Do(api, &ClocksApi::GetBoard, v1::GetBoardRequest(), &answer).ok());
  EXPECT_EQ(answer.served_by(), "postgresql");
  EXPECT_EQ(answer.counts(0).clocks(), 1);
  Apply({Registered(TicketId(2), DatabaseNow())});
  RedisFixture::Shared().Restart();
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
}

TEST_F(BoardTest, OneReplicaProjectsAndAnotherTakesOver) {
  Install(MakePolicy("first", Hours(48)));
  board_->Start();
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  auto second = NewBoard();
  second->Start();
  Apply({Registered(TicketId(1), DatabaseNow())});
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  EXPECT_EQ(Count("b1",
                  "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 21326 "
                  "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = "
                  "current_database())"),
            1);
  board_->Stop();
  Apply({Registered(TicketId(2), DatabaseNow())});
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  second->Stop();
}

TEST_F(BoardTest, ABoardThatNobodyKeepsIsNotServed) {
  Install(MakePolicy("first", Hours(48)));
  board_->Start();
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  board_->Stop();
  const std::string old = std::to_string((clock_.Now() - Seconds(6)).micros);
  Redis({"HSET", kBoardKey, "as_of", old});
  EXPECT_FALSE(board_->Read(20));
  EXPECT_GT(Counted("miss"), 0);
}

TEST_F(BoardTest, TwoWritersNeverMixTheirBoards) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered(TicketId(1), DatabaseNow())});
  const auto go_on = [] { return true; };
  redis::Options options = RedisFixture::Shared().options();
  options.command_timeout_ms = 1000;
  redis::Client one_client(options, nullptr), two_client(options, nullptr);
  BoardProjector one(*connection_, one_client, go_on), two(*connection_, two_client, go_on);
  ASSERT_TRUE(one.Step()->rebuilt);
  EXPECT_FALSE(one.Step()->rebuilt);
  ASSERT_TRUE(two.Step()->rebuilt);
  EXPECT_FALSE(two.Step()->rebuilt);
  EXPECT_TRUE(one.Step()->rebuilt) << "the first one sees that it has lost the board";
  EXPECT_TRUE(two.Step()->rebuilt);
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
}

TEST_F(BoardTest, AWriteBetweenReadAndMultiDoesNothing) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered(TicketId(1), DatabaseNow())});
  redis::Options options = RedisFixture::Shared().options();
  options.command_timeout_ms = 1000;
  redis::Client client(options, nullptr);
  BoardWriter writer(client);
  const BoardHead head{"7", {5, 1}, DatabaseNow()};
  ASSERT_TRUE(writer.Drop().ok());
  ASSERT_TRUE(writer.Fill("7", {{"clocks/a", "running", "members/a", "-", std::nullopt}}).ok());
  ASSERT_TRUE(writer.Finish(head).ok());
  const auto gone = writer.Compare(head, {"clocks/a"}, {});
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_EQ(gone->statuses.at("running"), -1);
  Redis({"HSET", kBoardKey, "position", "9:9"});
  const absl::Status late =
      writer.Apply(*gone, {{Party::kOwner, {}}, {Party::kTeam, {}}}, {"7", {6, 1}, DatabaseNow()});
  EXPECT_EQ(late.code(), absl::StatusCode::kAborted) << late;
  EXPECT_EQ(Redis({"HGET", "sla:board:7:counts", "running"}).text, "1");
  EXPECT_EQ(Redis({"HGET", kBoardKey, "position"}).text, "9:9");
}

TEST_F(BoardTest, EveryKeyHasATimeToLive) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered(TicketId(1), DatabaseNow())});
  board_->Start();
  ASSERT_TRUE(SameAsPostgreSql()) << Differs();
  const redis::Reply keys = Redis({"KEYS", "*"});
  EXPECT_EQ(keys.elements.size(), 7u);
  for (const redis::Reply& key : keys.elements) {
    EXPECT_GT(Redis({"TTL", key.text}).number, 3000) << key.text;
  }
}

}  // namespace
}  // namespace steward::sla
