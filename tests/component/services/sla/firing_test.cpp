// One batch of due timers: what it leaves alone, and what it does when it fails.

#include "services/sla/watcher/firing.h"

#include "libs/runtime/failpoint.h"
#include "tests/component/services/sla/fixture.h"

namespace steward::sla {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;

class FiringTest : public SlaTest {
 protected:
  // Tickets 1 to `n`, all due at one instant, which has passed.
  void Overdue(int n) {
    Install(MakePolicy("first", Milliseconds(300)));
    start_ = DatabaseNow();
    std::vector<eventing::Event> events;
    for (int i = 1; i <= n; ++i) {
      events.push_back(Registered(TicketId(i), start_));
    }
    Apply(events);
    ASSERT_TRUE(Eventually(Seconds(10), [&] { return DatabaseNow() > start_ + Seconds(1); }));
  }
  // The timers as a watcher's sweep reads them.
  std::vector<DueTimer> Sweep() {
    const auto rows = connection_->Run(
        {"test_sweep", "SELECT shard, id, due, fire_at, accuses, subject FROM timer ORDER BY id"});
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<DueTimer> timers;
    for (int i = 0; rows.ok() && i < rows->rows(); ++i) {
      timers.push_back({static_cast<int16_t>(rows->Int(i, 0)), rows->Int(i, 1),
                        rows->Timestamp(i, 2), rows->Timestamp(i, 3), rows->Bool(i, 4),
                        rows->Text(i, 5)});
    }
    return timers;
  }
  absl::StatusOr<Fired> Fire(const std::vector<DueTimer>& timers, Duration off = {}) {
    return FireBatch(*connection_, DepsOfWatcher(), timers, true, false,
                     [&] { return clock_.Now() + off; });
  }
  std::vector<std::string> Breached() {
    return Rows("breached", "SELECT clock FROM firing WHERE threshold = 'breach' ORDER BY 1");
  }
  Time start_;
};

TEST_F(FiringTest, AClockThatStoppedAfterItsTimerWasReadDoesNotFire) {
  Overdue(3);
  const std::vector<DueTimer> timers = Sweep();
  ASSERT_EQ(timers.size(), 3u);
  Apply({Milestone(TicketId(1), "ticket.first_responded", start_ + Milliseconds(200)),
         Milestone(TicketId(2), "ticket.first_responded", start_ + Milliseconds(600))});
  const auto fired = Fire(timers);
  ASSERT_TRUE(fired.ok()) << fired.status();
  EXPECT_EQ(fired->busy, 0);
  EXPECT_THAT(Breached(), ElementsAre("clocks/" + TicketId(3) + "-first"));
  EXPECT_EQ(Count("met",
                  "SELECT count(*) FROM timer t JOIN clock c ON c.name = t.clock WHERE "
                  "c.run_state = 3"),
            0);
  // The one that stopped late has a timer of its own again; what it owes fires with that.
  ASSERT_TRUE(Eventually(Seconds(10), [&] {
    const auto again = Fire(Sweep());
    return again.ok() && Breached().size() == 2;
  }));
  EXPECT_THAT(Breached(),
              ElementsAre("clocks/" + TicketId(2) + "-first", "clocks/" + TicketId(3) + "-first"));
}

TEST_F(FiringTest, AClockThatWasHeldAfterItsTimerWasReadDoesNotFire) {
  v1::Policy policy = MakePolicy("closure", Milliseconds(300), "ticket.closed");
  policy.add_pause_causes("*");
  Install(policy);
  start_ = DatabaseNow();
  Apply({Registered(TicketId(1), start_)});
  ASSERT_TRUE(Eventually(Seconds(10), [&] { return DatabaseNow() > start_ + Seconds(1); }));
  const std::vector<DueTimer> timers = Sweep();
  Apply({Held(TicketId(1), true, start_ + Milliseconds(100))});
  ASSERT_TRUE(Fire(timers).ok());
  EXPECT_EQ(Count("none", "SELECT count(*) FROM firing"), 0);
  EXPECT_EQ(Count("timer", "SELECT count(*) FROM timer"), 0);
}

TEST_F(FiringTest, ASubjectThatSomebodyElseHoldsIsLeftForTheNextBatch) {
  Overdue(2);
  const std::vector<DueTimer> timers = Sweep();
  auto other = pg::Connection::Open(pg_);
  ASSERT_TRUE(other.ok()) << other.status();
  const absl::Status held = pg::RunInTx(**other, {}, [&](pg::Tx& tx) -> absl::Status {
    tx.Lock({pg::LockKey::Exclusive("complaints/" + TicketId(1))});
    RETURN_IF_ERROR(tx.Flush());
    ASSIGN_OR_RETURN(const Fired fired, Fire(timers));
    EXPECT_EQ(fired.busy, 1);
    EXPECT_THAT(Breached(), ElementsAre("clocks/" + TicketId(2) + "-first"));
    return absl::OkStatus();
  });
  ASSERT_TRUE(held.ok()) << held;
  ASSERT_TRUE(Fire(timers).ok());
  EXPECT_EQ(Breached().size(), 2u) << "its timer was still there; the other one's was not";
}

TEST_F(FiringTest, FiresNothingWhenTheDatabasesClockIsNotWhereItShouldBe) {
  Overdue(1);
  const std::vector<DueTimer> timers = Sweep();
  for (const Duration off : {Seconds(3), Seconds(-3)}) {
    EXPECT_EQ(Fire(timers, off).status().code(), absl::StatusCode::kAborted);
    EXPECT_EQ(Count("none", "SELECT count(*) FROM firing"), 0);
    EXPECT_EQ(Count("timer", "SELECT count(*) FROM timer"), 1);
  }
  ASSERT_TRUE(Fire(timers, Seconds(1)).ok());
  EXPECT_EQ(Breached().size(), 1u);
}

TEST_F(FiringTest, AfterATransientFailureTheBatchesAreSmaller) {
  constexpr int kTickets = 40;
  Install(MakePolicy("first", Seconds(2)));
  watchers_.push_back(NewWatcher());
  watchers_[0]->Start();
  ASSERT_TRUE(
      Eventually(Seconds(20), [&] { return watchers_[0]->snapshot().shards.size() == 32; }));
  std::vector<eventing::Event> events;
  const Time start = DatabaseNow();
  for (int i = 1; i <= kTickets; ++i) {
    events.push_back(Registered(TicketId(i), start));
  }
  Apply(events);
  ASSERT_TRUE(runtime::ArmFailpoints("watcher.after_fire_before_commit=error@1").ok());
  ASSERT_TRUE(Eventually(Seconds(20), [&] { return Breached().size() == kTickets; }));
  runtime::DisarmFailpoints();
  // One batch reads the clock once. The first one, of all that were due, left nothing behind; the next had half its size.
  EXPECT_LE(Count("largest",
                  "SELECT max(n) FROM (SELECT count(*) AS n FROM firing WHERE threshold = "
                  "'breach' GROUP BY detected_at) b"),
            kTickets / 2);
  EXPECT_EQ(Count("once", "SELECT count(*) FROM journal WHERE type = 'clock.breached'"), kTickets);
}

}  // namespace
}  // namespace steward::sla
