// Members and teams by their open leads of a band: the same from Redis as from PostgreSQL, and seen at once when a lead changes.

#include "tests/component/services/scoring/board_fixture.h"
#include "tests/component/services/scoring/lead_fixture.h"

namespace steward::scoring {
namespace {

using ::testing::ElementsAre;

class LeadLeaderboards : public LeadsTest {
 protected:
  LeadLeaderboards() {
    copy = EmptyCopy(registry);
    boards = std::make_unique<LeaderboardsApi>(env, copy.get());
    const Time at = At("2026-11-20T09:00");
    Create(Model());
    Activate(1);
    // Hot are those with a visit and a fair.
    Apply({Captured("a", "fair", at, kLi), Captured("b", "fair", at, kWang),
           Captured("c", "fair", at, kLi), Captured("d", "fair", at, "members/chen"),
           Captured("e", "web", at, kLi), Captured("f", "fair", at, "")});
    Apply({Touch("1", "a", at), Touch("2", "b", at), Touch("3", "c", at), Touch("4", "d", at),
           Touch("5", "f", at)});
    Rescore();
  }
  v1::Leaderboard Ask(const std::string& kind, const std::string& band,
                      const std::string& subject = "", const Caller& caller = {}) {
    v1::GetLeadLeaderboardRequest request;
    request.set_subject_kind(kind);
    request.set_band(band);
    request.set_subject(subject);
    return Must(*boards, &LeaderboardsApi::GetLeadLeaderboard, request, caller);
  }

  std::unique_ptr<LeaderboardCopy> copy;
  std::unique_ptr<LeaderboardsApi> boards;
};

TEST_F(LeadLeaderboards, CountOpenLeadsOfABandWithEqualRanks) {
  for (const char* store : {"postgresql", "redis"}) {
    const v1::Leaderboard board = Ask("member", "hot", "members/wang");
    EXPECT_EQ(board.served_by(), store);
    EXPECT_THAT(Lines(board),
                ElementsAre("1 members/li 2", "2 members/chen 1", "2 members/wang 1"));
    EXPECT_EQ(board.own().rank(), 2);
  }
  EXPECT_EQ(Lines(Ask("member", "")).front(), "1 members/li 3");
  EXPECT_THAT(Lines(Ask("team", "hot")), ElementsAre("1 teams/east 5"));
  EXPECT_THAT(Lines(Ask("member", "cold")), ElementsAre());
  EXPECT_THAT(Lines(Ask("member", "hot", "", Agent(kWang))), ElementsAre("2 members/wang 1"));
}

TEST_F(LeadLeaderboards, AreNewOnceALeadIsScoredGivenAwayOrClosed) {
  const auto hot = [&] {
    const v1::Leaderboard first = Ask("member", "hot");
    EXPECT_EQ(first.served_by(), "postgresql");
    EXPECT_EQ(Lines(Ask("member", "hot")), Lines(first));
    return Lines(first);
  };
  hot();
  LeadsEvent message;
  message.mutable_lead_assigned()->set_owner(kWang);
  Apply({Event(kLeadsTopic, "leads/a", message, At("2026-11-20T10:00"))});
  EXPECT_THAT(hot(), ElementsAre("1 members/wang 2", "2 members/chen 1", "2 members/li 1"));
  message.mutable_lead_disqualified()->set_reason("no_budget");
  Apply({Event(kLeadsTopic, "leads/d", message, At("2026-11-20T10:00"))});
  EXPECT_THAT(hot(), ElementsAre("1 members/wang 2", "2 members/li 1"));
  Rescore();
  hot();
  Apply({Captured("g", "fair", At("2026-11-20T10:00"), kLi),
         Touch("9", "g", At("2026-11-20T10:00"))});
  hot();
  Rescore();
  EXPECT_THAT(hot(), ElementsAre("1 members/li 2", "1 members/wang 2"));
}

TEST_F(LeadLeaderboards, BadInputNamesTheField) {
  const auto field = [&](auto change) {
    v1::GetLeadLeaderboardRequest request;
    request.set_subject_kind("member");
    change(request);
    v1::Leaderboard board;
    return FieldOf(Do(*boards, &LeaderboardsApi::GetLeadLeaderboard, request, &board));
  };
  using R = v1::GetLeadLeaderboardRequest;
  EXPECT_EQ(field([](R& r) { r.set_subject_kind("region"); }), "subject_kind");
  EXPECT_EQ(field([](R& r) { r.set_subject("teams/east"); }), "subject");
  EXPECT_EQ(field([](R& r) { r.set_band(std::string(300, 'x')); }), "band");
  EXPECT_EQ(field([](R& r) { r.set_top(-1); }), "top");
}

}  // namespace
}  // namespace steward::scoring
