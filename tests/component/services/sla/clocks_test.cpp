// Ticket events to clocks, and what people read of them.

#include "tests/component/services/sla/fixture.h"

namespace steward::sla {
namespace {

using ::testing::ElementsAre;

const std::string kTicket = "0190c6a5-0000-7000-8000-000000000001";

TEST_F(SlaTest, ATicketGetsOneClockPerMatchingPolicy) {
  Install(MakePolicy("first", Hours(48)));
  Install(MakePolicy("closure", Hours(100), "ticket.closed"));
  Apply({Registered(kTicket, DatabaseNow())});
  EXPECT_THAT(Rows("t1", "SELECT policy FROM clock ORDER BY 1"),
              ElementsAre("policies/closure", "policies/first"));
  EXPECT_EQ(Count("t2", "SELECT count(*) FROM timer"), 2);
  EXPECT_THAT(Rows("t3", "SELECT type FROM journal ORDER BY xid, seq"),
              ElementsAre("policy.version_created", "policy.activated", "policy.version_created",
                          "policy.activated", "clock.started", "clock.started"));
}

TEST_F(SlaTest, TheSameFactsInOneBatchOrManyGiveTheSameClocks) {
  v1::Policy closure = MakePolicy("closure", Hours(100), "ticket.closed");
  closure.add_pause_causes("*");
  Install(closure);
  const Time start = DatabaseNow() - Hours(50);
  std::vector<eventing::Event> one;
  for (const char* ticket :
       {"0190c6a5-0000-7000-8000-00000000000a", "0190c6a5-0000-7000-8000-00000000000b"}) {
    std::vector<eventing::Event> events = {
        Registered(ticket, start), Held(ticket, true, start + Hours(1)),
        Held(ticket, false, start + Hours(4)), Milestone(ticket, "ticket.closed", start + Hours(9)),
        Milestone(ticket, "ticket.reopened", start + Hours(12))};
    if (std::string(ticket).back() == 'a') {
      Apply(events);
    } else {
      for (const eventing::Event& event : events) {
        Apply({event});
      }
    }
  }
  EXPECT_EQ(
      Count("t1", "SELECT count(DISTINCT (due_time, run_state, stop_time, ladder)) FROM clock"), 1);
  EXPECT_EQ(
      Count("t2", "SELECT count(*) FROM clock WHERE due_time = start_time + interval '106 hours'"),
      2);
  EXPECT_EQ(Count("t3", "SELECT count(*) FROM timer"), 2);
}

TEST_F(SlaTest, ANewCycleLeavesNothingOfTheOldOneUnsaid) {
  v1::Policy closure = MakePolicy("closure", Hours(1), "ticket.closed");
  closure.set_on_reopen(v1::Policy::NEW_CYCLE);
  closure.add_warnings()->set_share_percent(50);
  Install(closure);
  const Time start = DatabaseNow() - Hours(4);
  Apply({Registered(kTicket, start)});
  Apply({Milestone(kTicket, "ticket.closed", start + Hours(2)),
         Milestone(kTicket, "ticket.reopened", start + Minutes(235))});
  EXPECT_THAT(Rows("t1", "SELECT threshold || ' of ' || cycle FROM firing ORDER BY occurred_at, 1"),
              ElementsAre("warning-1 of 1", "breach of 1", "level-1 of 1"));
  EXPECT_EQ(Count("t2", "SELECT count(*) FROM escalation WHERE state = 4"), 1) << "told, and ended";
  EXPECT_THAT(Rows("t3", "SELECT threshold || ' of ' || cycle FROM timer"),
              ElementsAre("warning-1 of 2"));
  EXPECT_THAT(
      Rows("t4", "SELECT type FROM journal WHERE aggregate LIKE 'clocks/%' ORDER BY xid, seq"),
      ElementsAre("clock.started", "clock.stopped", "clock.warned", "clock.breached",
                  "clock.restarted"));
  EXPECT_EQ(Count("t5", "SELECT version FROM clock"), 5);
}

TEST_F(SlaTest, JournalVersionsOfEveryClockHaveNoGap) {
  v1::Policy closure = MakePolicy("closure", Hours(100), "ticket.closed");
  closure.add_pause_causes("*");
  Install(closure);
  const Time start = DatabaseNow() - Hours(5);
  Apply({Registered(kTicket, start)});
  Apply({Held(kTicket, true, start + Hours(1)), Held(kTicket, false, start + Hours(2))});
  Apply({Milestone(kTicket, "ticket.closed", start + Hours(3)),
         Milestone(kTicket, "ticket.reopened", start + Hours(4))});
  EXPECT_EQ(Count("t1",
                  "SELECT count(*) FROM (SELECT aggregate FROM journal GROUP BY 1 HAVING "
                  "max(aggregate_version) <> count(*) "
                  "OR min(aggregate_version) <> 1) x"),
            0);
  EXPECT_EQ(Count("t2",
                  "SELECT count(*) FROM clock c WHERE version <> (SELECT max(aggregate_version) "
                  "FROM journal WHERE aggregate = c.name)"),
            0);
}

TEST_F(SlaTest, EveryClockOfATicketSaysThatItWasAssigned) {
  Install(MakePolicy("first", Hours(48)));
  Install(MakePolicy("closure", Hours(100), "ticket.closed"));
  const Time start = DatabaseNow() - Hours(5);
  Apply(
      {Registered(kTicket, start), Milestone(kTicket, "ticket.first_responded", start + Hours(1))});
  Apply({Transferred(kTicket, "teams/west", "", start + Hours(2)),
         Assigned(kTicket, "members/lead", start + Hours(3))});
  const auto rows = connection_->Run(
      {"t1",
       "SELECT aggregate, aggregate_version, occurred_at, payload FROM journal WHERE type = "
       "'clock.assigned' ORDER BY aggregate"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->rows(), 2) << "the one that has ended too";
  EXPECT_EQ(rows->Text(0, 0), "clocks/" + kTicket + "-closure");
  EXPECT_EQ(rows->Int(0, 1), 2);
  EXPECT_EQ(rows->Int(1, 1), 3);
  EXPECT_EQ(rows->Timestamp(0, 2), start + Hours(3)) << "since then it is with both";
  events::v1::SlaEvent event;
  ASSERT_TRUE(event.ParseFromString(rows->Bytes(0, 3)));
  EXPECT_EQ(event.clock_assigned().from_owner(), "members/a");
  EXPECT_EQ(event.clock_assigned().owner(), "members/lead");
  EXPECT_EQ(event.clock_assigned().from_team(), "teams/east");
  EXPECT_EQ(event.clock_assigned().team(), "teams/west");
  EXPECT_THAT(Rows("t2", "SELECT owner || ' of ' || team || ' ' || version FROM clock ORDER BY 1"),
              ElementsAre("members/lead of teams/west 2", "members/lead of teams/west 3"));
  Apply({Assigned(kTicket, "members/lead", start + Hours(4))});
  EXPECT_EQ(Count("t3", "SELECT count(*) FROM journal WHERE type = 'clock.assigned'"), 2)
      << "the same owner again is no change";
}

TEST_F(SlaTest, ExplanationTilesAndSums) {
  v1::Policy closure = MakePolicy("closure", Hours(10), "ticket.closed");
  closure.add_pause_causes("*");
  Install(closure);
  const Time start = DatabaseNow() - Hours(5);
  Apply({Registered(kTicket, start), Held(kTicket, true, start + Hours(1)),
         Held(kTicket, false, start + Hours(2))});
  v1::ExplainClockRequest request;
  request.set_name("clocks/" + kTicket + "-closure");
  v1::ClockExplanation explanation;
  ASSERT_TRUE(Do(clocks_api_, &ClocksApi::ExplainClock, request, &explanation).ok());
  ASSERT_EQ(explanation.segments_size(), 3);
  EXPECT_EQ(rpc::FromProto(explanation.segments(0).from_time()), start);
  EXPECT_EQ(rpc::FromProto(explanation.segments(2).to_time()), start + Hours(11));
  EXPECT_EQ(explanation.segments(1).reason(), "paused");
  EXPECT_EQ(rpc::FromProto(explanation.charged()), Hours(10));
  EXPECT_EQ(explanation.facts_size(), 3);
  EXPECT_FALSE(explanation.summary().at("zh-Hans").empty());
}

TEST_F(SlaTest, ListsByStateOwnerAndDueAndRefusesAForeignPageToken) {
  Install(MakePolicy("first", Hours(48)));
  const Time now = DatabaseNow();
  for (int i = 0; i < 5; ++i) {
    Apply(
        {Registered("0190c6a5-0000-7000-8000-00000000010" + std::to_string(i), now + Minutes(i))});
  }
  v1::ListClocksRequest request;
  request.set_page_size(3);
  request.set_filter(
      "owner = \"members/a\" AND status = RUNNING AND due_time >= \"2020-01-01T00:00:00Z\"");
  v1::ListClocksResponse first;
  ASSERT_TRUE(Do(clocks_api_, &ClocksApi::ListClocks, request, &first).ok());
  ASSERT_EQ(first.clocks_size(), 3);
  request.set_page_token(first.next_page_token());
  v1::ListClocksResponse second;
  ASSERT_TRUE(Do(clocks_api_, &ClocksApi::ListClocks, request, &second).ok());
  EXPECT_EQ(second.clocks_size(), 2);
  EXPECT_TRUE(second.next_page_token().empty());
  request.set_filter("owner = \"members/b\"");
  EXPECT_EQ(ReasonOf(Do(clocks_api_, &ClocksApi::ListClocks, request, &second)),
            "PAGE_TOKEN_INVALID");
  request.set_page_token("");
  request.set_filter("colour = red");
  EXPECT_EQ(Do(clocks_api_, &ClocksApi::ListClocks, request, &second).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SlaTest, OutOfReachAnswersAsIfMissing) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered(kTicket, DatabaseNow())});
  v1::ExplainClockRequest request;
  request.set_name("clocks/" + kTicket + "-first");
  v1::ClockExplanation explanation;
  rpc::Call call = CallFor(request);
  call.reach = {.all = false, .members = {"members/stranger"}, .teams = {}};
  const absl::Status hidden = clocks_api_.ExplainClock(call, request, &explanation);
  EXPECT_EQ(hidden, NotFound(request.name()));
}

TEST_F(SlaTest, TheBoardCountsFromPostgreSqlWithoutRedis) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered(kTicket, DatabaseNow())});
  v1::Board board;
  ASSERT_TRUE(Do(clocks_api_, &ClocksApi::GetBoard, v1::GetBoardRequest(), &board).ok());
  EXPECT_EQ(board.served_by(), "postgresql");
  EXPECT_EQ(board.counts(0).clocks(), 1);
  EXPECT_EQ(board.owners(0).who(), "members/a");
}

}  // namespace
}  // namespace steward::sla
