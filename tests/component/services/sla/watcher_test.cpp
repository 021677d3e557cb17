// The watcher on a real PostgreSQL: on time, once, by any number of replicas, and only after it has caught up.

#include "libs/runtime/failpoint.h"
#include "tests/component/services/sla/fixture.h"

namespace steward::sla {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const std::string kTicket = "0190c6a5-0000-7000-8000-000000000001";

TEST_F(SlaTest, WarnsBreachesAndEscalatesAtTheInstant) {
  v1::Policy policy = MakePolicy("first", Milliseconds(1500));
  policy.add_warnings()->set_share_percent(50);
  Install(policy);
  watchers_.push_back(NewWatcher());
  watchers_[0]->Start();
  const Time start = DatabaseNow();
  Apply({Registered(kTicket, start)});
  ASSERT_TRUE(testing::Eventually(Seconds(20),
                                  [&] { return Count("t1", "SELECT count(*) FROM firing") == 4; }));
  EXPECT_THAT(
      Rows("t2", "SELECT threshold FROM firing ORDER BY detected_at, occurred_at, threshold"),
      ElementsAre("warning-1", "breach", "level-1", "level-2"));
  EXPECT_EQ(Count("t3",
                  "SELECT count(*) FROM firing f JOIN clock c ON c.name = f.clock WHERE threshold "
                  "IN ('breach', 'level-1') AND "
                  "f.occurred_at = c.due_time"),
            2);
  EXPECT_EQ(Count("t4", "SELECT count(*) FROM firing WHERE detected_at < occurred_at"), 0);
  EXPECT_THAT(Rows("t5", "SELECT recipient FROM escalation ORDER BY level"),
              ElementsAre("members/lead", "members/boss"));
  EXPECT_THAT(
      Rows("t6", "SELECT type FROM journal WHERE type ~ '^(clock|escalation)' ORDER BY xid, seq"),
      ElementsAre("clock.started", "clock.warned", "clock.breached", "escalation.raised",
                  "escalation.raised"));
  EXPECT_EQ(Count("t7", "SELECT count(*) FROM timer"), 0);
}

TEST_F(SlaTest, TwoWatchersFireEachThresholdOnce) {
  Install(MakePolicy("first", Seconds(2)));
  watchers_.push_back(NewWatcher());
  watchers_.push_back(NewWatcher());
  for (auto& watcher : watchers_) {
    watcher->Start();
  }
  constexpr int kTickets = 200;
  std::vector<eventing::Event> events;
  const Time start = DatabaseNow();
  for (int i = 0; i < kTickets; ++i) {
    events.push_back(Registered(TicketId(i), start));
  }
  Apply(events);
  ASSERT_TRUE(testing::Eventually(
      Seconds(30), [&] { return Count("t1", "SELECT count(*) FROM firing") == 3 * kTickets; }));
  EXPECT_EQ(Count("t2", "SELECT count(*) FROM firing WHERE arming <> 1"), 0);
  EXPECT_EQ(Count("t3", "SELECT count(*) FROM journal WHERE type = 'clock.breached'"), kTickets);
  EXPECT_EQ(Count("t4", "SELECT count(*) FROM escalation"), 2 * kTickets);
  const auto shared = [&] {
    return watchers_[0]->snapshot().shards.size() == 16 &&
           watchers_[1]->snapshot().shards.size() == 16;
  };
  EXPECT_TRUE(testing::Eventually(Seconds(40), shared)) << "shards are shared in halves";
}

TEST_F(SlaTest, AStandbyTakesOverAndNothingIsLostOrDoubled) {
  Install(MakePolicy("first", Seconds(1)));
  watchers_.push_back(NewWatcher());
  watchers_[0]->Start();
  ASSERT_TRUE(testing::Eventually(Seconds(10),
                                  [&] { return watchers_[0]->snapshot().shards.size() == 32; }));
  const Time start = DatabaseNow();
  Apply({Registered(TicketId(1), start), Registered(TicketId(2), start)});
  watchers_[0]->Stop();
  watchers_.push_back(NewWatcher());
  watchers_[1]->Start();
  ASSERT_TRUE(testing::Eventually(Seconds(20), [&] {
    return Count("t1", "SELECT count(*) FROM firing WHERE threshold = 'breach'") == 2;
  }));
}

TEST_F(SlaTest, AFailedCommitFiresAgainAndOnce) {
  Install(MakePolicy("first", Milliseconds(300)));
  ASSERT_TRUE(runtime::ArmFailpoints("watcher.after_fire_before_commit=error@1").ok());
  watchers_.push_back(NewWatcher());
  watchers_[0]->Start();
  Apply({Registered(kTicket, DatabaseNow())});
  ASSERT_TRUE(testing::Eventually(Seconds(20), [&] {
    return Count("t1", "SELECT count(*) FROM firing WHERE threshold = 'breach'") == 1;
  }));
  runtime::DisarmFailpoints();
  EXPECT_EQ(Count("t2", "SELECT count(*) FROM journal WHERE type = 'clock.breached'"), 1);
}

TEST_F(SlaTest, CatchesUpBeforeItAccuses) {
  v1::Policy policy = MakePolicy("first", Milliseconds(500));
  policy.add_warnings()->set_share_percent(50);
  Install(policy);
  InputsCaughtUp(false);
  watchers_.push_back(NewWatcher());
  watchers_[0]->Start();
  const Time start = DatabaseNow();
  Apply({Registered(kTicket, start)});
  ASSERT_TRUE(testing::Eventually(Seconds(10), [&] {
    return Count("t1", "SELECT count(*) FROM firing WHERE threshold = 'warning-1'") == 1;
  }));
  ASSERT_TRUE(testing::Eventually(Seconds(10), [&] { return DatabaseNow() > start + Seconds(2); }));
  EXPECT_EQ(Count("t2", "SELECT count(*) FROM firing WHERE threshold = 'breach'"), 0)
      << "an input is behind";
  InputsCaughtUp(true);
  ASSERT_TRUE(testing::Eventually(Seconds(10), [&] {
    return Count("t3", "SELECT count(*) FROM firing WHERE threshold = 'breach'") == 1;
  }));
  EXPECT_THAT(Rows("t4", "SELECT mark FROM firing WHERE threshold = 'breach'"), ElementsAre(""));
}

TEST_F(SlaTest, AfterTheLongestHoldItFiresMarkedStale) {
  Install(MakePolicy("first", Milliseconds(200)));
  InputsCaughtUp(false);
  watchers_.push_back(NewWatcher(Seconds(1)));
  watchers_[0]->Start();
  Apply({Registered(kTicket, DatabaseNow())});
  ASSERT_TRUE(testing::Eventually(Seconds(20), [&] {
    return Count("t1", "SELECT count(*) FROM firing WHERE threshold = 'breach'") == 1;
  }));
  EXPECT_THAT(Rows("t2", "SELECT mark FROM firing WHERE threshold = 'breach'"),
              ElementsAre("input_stale"));
}

TEST_F(SlaTest, AStopInTimeThatArrivesLateRetractsTheBreach) {
  Install(MakePolicy("first", Milliseconds(700)));
  watchers_.push_back(NewWatcher());
  watchers_[0]->Start();
  const Time start = DatabaseNow();
  Apply({Registered(kTicket, start)});
  ASSERT_TRUE(testing::Eventually(
      Seconds(10), [&] { return Count("t1", "SELECT count(*) FROM escalation") >= 1; }));
  Apply({Milestone(kTicket, "ticket.first_responded", start + Milliseconds(600))});
  EXPECT_EQ(Count("t2",
                  "SELECT count(*) FROM firing WHERE threshold = 'breach' AND retracted AND "
                  "retraction_cause <> ''"),
            1);
  EXPECT_EQ(Count("t3", "SELECT count(*) FROM firing WHERE NOT retracted"), 0);
  EXPECT_EQ(Count("t4", "SELECT count(*) FROM escalation WHERE state <> 3"), 0) << "withdrawn";
  EXPECT_EQ(Count("t5", "SELECT run_state::bigint FROM clock"), 3) << "met";
  EXPECT_EQ(
      Count(
          "t6",
          "SELECT count(*) FROM journal WHERE type IN ('clock.breach_retracted', 'clock.stopped')"),
      2);
}

TEST_F(SlaTest, APastThresholdWaitsForFactsThenFiresWithItsTrueInstant) {
  Install(MakePolicy("first", Hours(1)));
  watchers_.push_back(NewWatcher());
  watchers_[0]->Start();
  const Time start = DatabaseNow() - Hours(3);
  Apply({Registered(TicketId(1), start)});
  Apply({Registered(TicketId(2), start)});
  Apply({Milestone(TicketId(2), "ticket.first_responded", start + Minutes(30))});
  ASSERT_TRUE(testing::Eventually(Seconds(20), [&] {
    return Count("t1", "SELECT count(*) FROM firing WHERE threshold = 'breach'") == 1;
  }));
  EXPECT_EQ(
      Count("t2",
            "SELECT count(*) FROM firing f JOIN clock c ON c.name = f.clock WHERE c.run_state = 3"),
      0)
      << "the clock whose stop followed within two seconds was never accused";
  EXPECT_EQ(Count("t3",
                  "SELECT count(*) FROM firing WHERE threshold = 'breach' AND occurred_at < "
                  "clock_timestamp() - interval '1 hour'"),
            1);
}

TEST_F(SlaTest, PolicyAndClockNeverLeaveATimerBehind) {
  Install(MakePolicy("first", Hours(1)));
  const Time start = DatabaseNow();
  Apply({Registered(kTicket, start)});
  Apply({Milestone(kTicket, "ticket.first_responded", start + Minutes(1))});
  EXPECT_EQ(Count("t1", "SELECT count(*) FROM timer"), 0);
}

}  // namespace
}  // namespace steward::sla
