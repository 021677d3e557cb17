// Leaderboards: the same from Redis as from PostgreSQL, whatever happens in between.

#include "tests/component/services/scoring/board_fixture.h"
#include "tests/component/services/scoring/fixture.h"

namespace steward::scoring {
namespace {

using ::testing::ElementsAre;
using testing::RedisFixture;

class Leaderboards : public ScoringTest {
 protected:
  Leaderboards() {
    copy = EmptyCopy(registry);
    api = std::make_unique<LeaderboardsApi>(env, copy.get());
  }
  static v1::GetLeaderboardRequest Ask(const std::string& subject = "", int top = 0) {
    v1::GetLeaderboardRequest request;
    request.set_measure("won_amount");
    request.set_subject_kind("member");
    request.set_currency("CNY");
    *request.mutable_first_day() = Day("2026-01-01");
    *request.mutable_last_day() = Day("2026-12-31");
    request.set_subject(subject);
    request.set_top(top);
    return request;
  }
  v1::Leaderboard Get(const v1::GetLeaderboardRequest& request, const Caller& caller = {}) {
    return Must(*api, &LeaderboardsApi::GetLeaderboard, request, caller);
  }
  void Sell() {
    const Time at = At("2026-03-05T10:00");
    Apply({Won("o1", at, 500, "members/d"), Won("o2", at, 300, "members/c"),
           Won("o3", at, 300, "members/b"), Won("o4", at, 100, kLi)});
  }

  std::unique_ptr<LeaderboardCopy> copy;
  std::unique_ptr<LeaderboardsApi> api;
};

TEST_F(Leaderboards, EqualTotalsHaveEqualRanksFromBothStores) {
  Sell();
  for (const char* store : {"postgresql", "redis"}) {
    const v1::Leaderboard board = Get(Ask("members/c", 3));
    EXPECT_EQ(board.served_by(), store);
    EXPECT_THAT(Lines(board), ElementsAre("1 members/d 500", "2 members/b 300", "2 members/c 300"));
    EXPECT_EQ(board.own().rank(), 2);
    EXPECT_EQ(board.subjects(), 4);
    EXPECT_EQ(Get(Ask(kLi)).own().rank(), 4);
    EXPECT_FALSE(Get(Ask("members/nobody")).has_own());
  }
}

TEST_F(Leaderboards, AChangeOfTheMeasureIsSeenAtOnce) {
  Sell();
  Get(Ask());
  EXPECT_EQ(Get(Ask()).served_by(), "redis");
  Apply({Signed("c1", "2026-03-05", 10)});  // another measure
  EXPECT_EQ(Get(Ask()).served_by(), "redis");
  Apply({Won("o9", At("2026-03-06T10:00"), 1000)});
  const v1::Leaderboard board = Get(Ask());
  EXPECT_EQ(board.served_by(), "postgresql");
  EXPECT_EQ(Lines(board).front(), "1 members/li 1100");
  EXPECT_EQ(Lines(Get(Ask())), Lines(board));
}

TEST_F(Leaderboards, AnswerWithoutRedisAndAfterItLostEverything) {
  Sell();
  const auto before = Lines(Get(Ask()));
  RedisFixture::Shared().FlushAll();
  EXPECT_EQ(Lines(Get(Ask())), before);
  LeaderboardsApi alone(env, nullptr);
  EXPECT_EQ(Lines(Must(alone, &LeaderboardsApi::GetLeaderboard, Ask())), before);
}

TEST_F(Leaderboards, AKilledRedisChangesNoAnswerAndServesAgainOnceItIsBack) {
  Sell();
  Get(Ask());
  const v1::Leaderboard before = Get(Ask("members/c", 3));
  ASSERT_EQ(before.served_by(), "redis");
  RedisFixture::Shared().Kill();
  v1::Leaderboard without = Get(Ask("members/c", 3));
  EXPECT_EQ(without.served_by(), "postgresql");
  without.set_served_by("redis");
  EXPECT_EQ(rpc::DeterministicBytes(without), rpc::DeterministicBytes(before));
  Apply({Won("o5", At("2026-03-06T10:00"), 50, "members/c")});  // while it is away
  EXPECT_EQ(Lines(Get(Ask())).at(1), "2 members/c 350");
  RedisFixture::Shared().Restart();
  EXPECT_TRUE(testing::Eventually(Seconds(30), [&] { return Get(Ask()).served_by() == "redis"; }));
  EXPECT_EQ(Lines(Get(Ask())).at(1), "2 members/c 350");
}

TEST_F(Leaderboards, OnlyThoseWithinReachAreShown) {
  Sell();
  const v1::Leaderboard mine = Get(Ask(kLi), Agent(kLi));
  EXPECT_THAT(Lines(mine), ElementsAre("4 members/li 100"));
  EXPECT_EQ(mine.subjects(), 4);
  v1::Leaderboard board;
  EXPECT_EQ(Do(*api, &LeaderboardsApi::GetLeaderboard, Ask("members/d"), &board, Agent(kLi)),
            NotFound("members/d"));
}

TEST_F(Leaderboards, BadInputNamesTheField) {
  const auto field = [&](auto change) {
    auto request = Ask();
    change(request);
    v1::Leaderboard board;
    return FieldOf(Do(*api, &LeaderboardsApi::GetLeaderboard, request, &board));
  };
  using R = v1::GetLeaderboardRequest;
  EXPECT_EQ(field([](R& r) { r.set_measure("luck"); }), "measure");
  EXPECT_EQ(field([](R& r) { r.set_subject_kind("company"); }), "subject_kind");
  EXPECT_EQ(field([](R& r) { r.set_subject_kind("dog"); }), "subject_kind");
  EXPECT_EQ(field([](R& r) { r.clear_currency(); }), "currency");
  EXPECT_EQ(field([](R& r) { r.set_measure("won_count"); }), "currency");
  EXPECT_EQ(field([](R& r) { r.mutable_last_day()->set_year(2025); }), "last_day");
  EXPECT_EQ(field([](R& r) { r.mutable_last_day()->set_year(2099); }), "last_day");
  EXPECT_EQ(field([](R& r) { r.set_subject("teams/east"); }), "subject");
  EXPECT_EQ(field([](R& r) { r.set_top(-1); }), "top");
}

}  // namespace
}  // namespace steward::scoring
