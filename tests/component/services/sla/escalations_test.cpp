// Acknowledgement: who may, once, in bulk, on behalf, and the clocks that it stops; and reassignment.

#include "tests/component/services/sla/fixture.h"

namespace steward::sla {
namespace {

using ::testing::ElementsAre;

const std::string kTicket = "0190c6a5-0000-7000-8000-000000000001";
constexpr char kRequest[] = "0190c6a5-1111-7000-8000-000000000001";

class EscalationTest : public SlaTest {
 protected:
  void SetUp() override {
    SlaTest::SetUp();
    v1::Policy policy = MakePolicy("first", Milliseconds(100));
    *policy.mutable_levels(1)->mutable_interval() = rpc::ToProto(Milliseconds(1500));
    Install(policy);
    watchers_.push_back(NewWatcher());
    watchers_[0]->Start();
    Apply({Registered(kTicket, DatabaseNow())});
    ASSERT_TRUE(testing::Eventually(Seconds(20), [&] {
      return Count("open", "SELECT count(*) FROM escalation WHERE state = 1") == 1;
    }));
    name_ = Rows("name", "SELECT name FROM escalation")[0];
  }
  absl::Status Acknowledge(const std::string& caller, const std::string& behalf = "",
                           std::vector<std::string> grants = {}) {
    caller_ = caller;
    grants_ = std::move(grants);
    v1::AcknowledgeEscalationRequest request;
    request.set_name(name_);
    request.set_note("on it");
    request.set_on_behalf_of(behalf);
    return Do(clocks_api_, &ClocksApi::AcknowledgeEscalation, request, &answer_, kRequest);
  }
  std::string name_;
  v1::Escalation answer_;
};

TEST_F(EscalationTest, TheRecipientAcknowledgesAndTheLadderStops) {
  ASSERT_TRUE(Acknowledge("members/lead").ok());
  EXPECT_EQ(answer_.state(), v1::Escalation::ACKNOWLEDGED);
  EXPECT_EQ(answer_.acknowledged_by(), "members/lead");
  const Time until = DatabaseNow() + Seconds(3);
  ASSERT_TRUE(testing::Eventually(Seconds(10), [&] { return DatabaseNow() > until; }));
  EXPECT_EQ(Count("t1", "SELECT count(*) FROM escalation"), 1) << "no second level";
  EXPECT_EQ(Count("t2", "SELECT count(*) FROM timer"), 0);
  EXPECT_EQ(Count("t3",
                  "SELECT count(*) FROM journal WHERE payload::text LIKE '%' || encode('on it', "
                  "'hex') || '%'"),
            0)
      << "the note stays out of the journal";
}

TEST_F(EscalationTest, UnacknowledgedGoesOneLevelUp) {
  ASSERT_TRUE(testing::Eventually(
      Seconds(10), [&] { return Count("t1", "SELECT count(*) FROM escalation") == 2; }));
  EXPECT_THAT(Rows("t2", "SELECT recipient FROM escalation ORDER BY level"),
              ElementsAre("members/lead", "members/boss"));
}

TEST_F(EscalationTest, ARepeatAnswersTheSameAndASecondOneIsRefused) {
  ASSERT_TRUE(Acknowledge("members/lead").ok());
  const std::string first = answer_.SerializeAsString();
  ASSERT_TRUE(Acknowledge("members/lead").ok());
  EXPECT_EQ(answer_.SerializeAsString(), first);
  v1::AcknowledgeEscalationRequest request;
  request.set_name(name_);
  EXPECT_EQ(ReasonOf(Do(clocks_api_, &ClocksApi::AcknowledgeEscalation, request, &answer_)),
            "ILLEGAL_TRANSITION");
}

TEST_F(EscalationTest, OnlyTheRecipientOrSomebodyAboveMay) {
  EXPECT_EQ(ReasonOf(Acknowledge("members/a")), "NOT_RECIPIENT");
  EXPECT_EQ(ReasonOf(Acknowledge("members/boss")), "NOT_RECIPIENT") << "on_behalf_of must be said";
  EXPECT_TRUE(Acknowledge("members/boss", "members/lead").ok());
  EXPECT_EQ(answer_.on_behalf_of(), "members/lead");
}

TEST_F(EscalationTest, InBulkAllOrNone) {
  caller_ = "members/lead";
  v1::BatchAcknowledgeEscalationsRequest request;
  request.add_names(name_);
  request.add_names("escalations/none");
  v1::BatchAcknowledgeEscalationsResponse response;
  EXPECT_EQ(Do(clocks_api_, &ClocksApi::BatchAcknowledgeEscalations, request, &response).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Count("t1", "SELECT count(*) FROM escalation WHERE state = 2"), 0);
  request.mutable_names()->RemoveLast();
  EXPECT_TRUE(Do(clocks_api_, &ClocksApi::BatchAcknowledgeEscalations, request, &response).ok());
}

TEST_F(EscalationTest, MayBeReassigned) {
  v1::ReassignEscalationRequest request;
  request.set_name(name_);
  request.set_recipient("members/boss");
  request.set_reason("lead is busy");
  ASSERT_TRUE(Do(clocks_api_, &ClocksApi::ReassignEscalation, request, &answer_).ok());
  EXPECT_EQ(answer_.recipient(), "members/boss");
  request.set_recipient("members/nobody");
  EXPECT_EQ(Do(clocks_api_, &ClocksApi::ReassignEscalation, request, &answer_).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(EscalationTest, AStopEndsWhatIsOpen) {
  Apply({Milestone(kTicket, "ticket.first_responded", DatabaseNow())});
  EXPECT_EQ(Count("t1", "SELECT count(*) FROM escalation WHERE state = 4"), 1);
  EXPECT_EQ(Count("t2", "SELECT count(*) FROM journal WHERE type = 'escalation.ended'"), 1);
}

// A major matter that goes to the director at once; the promise is that somebody takes it.
class ImmediateTest : public SlaTest {
 protected:
  void SetUp() override {
    SlaTest::SetUp();
    v1::Policy policy = MakePolicy("director", Hours(1), "escalation.acknowledged");
    policy.mutable_target()->set_immediate(true);
    policy.mutable_levels(1)->set_even_if_acknowledged(true);
    *policy.mutable_levels(1)->mutable_interval() = rpc::ToProto(Hours(1));
    Install(policy);
    watchers_.push_back(NewWatcher());
    watchers_[0]->Start();
  }
  void Raise(const std::string& ticket) {
    const int64_t before = Count("before", "SELECT count(*) FROM escalation");
    Apply({Registered(ticket, DatabaseNow())});
    ASSERT_TRUE(testing::Eventually(Seconds(20), [&] {
      return Count("raised", "SELECT count(*) FROM escalation") == before + 1;
    }));
  }
  std::vector<std::string> Open() {
    return Rows("names", "SELECT name FROM escalation WHERE state = 1 ORDER BY detected_at");
  }
  void ExpectStopped(int64_t clocks) {
    EXPECT_EQ(Count("met", "SELECT count(*) FROM clock WHERE run_state = 3"), clocks);
    EXPECT_EQ(Count("exact",
                    "SELECT count(*) FROM clock c JOIN escalation e ON e.clock = c.name AND "
                    "e.acknowledge_time = c.stop_time"),
              clocks);
    EXPECT_EQ(Count("told", "SELECT count(*) FROM journal WHERE type = 'clock.stopped'"), clocks);
    EXPECT_EQ(Count("timers", "SELECT count(*) FROM timer"), 0) << "no further level";
  }
  v1::Board ReadBoard() {
    v1::Board board;
    EXPECT_TRUE(Do(clocks_api_, &ClocksApi::GetBoard, v1::GetBoardRequest(), &board).ok());
    return board;
  }
};

TEST_F(ImmediateTest, TakingItStopsTheClockForGood) {
  Raise(kTicket);
  EXPECT_EQ(ReadBoard().owners_size(), 1);
  v1::AcknowledgeEscalationRequest request;
  request.set_name(Open()[0]);
  caller_ = "members/lead";
  v1::Escalation answer;
  ASSERT_TRUE(Do(clocks_api_, &ClocksApi::AcknowledgeEscalation, request, &answer, kRequest).ok());
  ExpectStopped(1);
  EXPECT_EQ(ReadBoard().owners_size(), 0) << "it left the board";
  Apply({Milestone(kTicket, "ticket.first_responded", DatabaseNow())});
  Apply({Milestone(kTicket, "ticket.closed", DatabaseNow())});
  ExpectStopped(1);
  v1::ListClocksRequest list;
  list.set_filter("status = BREACHED");
  v1::ListClocksResponse clocks;
  EXPECT_TRUE(Do(clocks_api_, &ClocksApi::ListClocks, list, &clocks).ok());
  EXPECT_EQ(clocks.clocks_size(), 0);
}

TEST_F(ImmediateTest, InBulkAndOnBehalfToo) {
  Raise(kTicket);
  Raise("0190c6a5-0000-7000-8000-000000000002");
  v1::BatchAcknowledgeEscalationsRequest request;
  for (const std::string& name : Open()) {
    request.add_names(name);
  }
  request.set_on_behalf_of("members/lead");
  caller_ = "members/boss";
  grants_.clear();
  v1::BatchAcknowledgeEscalationsResponse response;
  ASSERT_TRUE(Do(clocks_api_, &ClocksApi::BatchAcknowledgeEscalations, request, &response).ok());
  ExpectStopped(2);
}

TEST_F(ImmediateTest, ClosingTheTicketEndsIt) {
  Raise(kTicket);
  Apply({Milestone(kTicket, "ticket.closed", DatabaseNow())});
  EXPECT_THAT(Rows("t1", "SELECT cancel_reason FROM clock"), ElementsAre("subject_closed"));
  EXPECT_TRUE(Open().empty());
  EXPECT_EQ(Count("t2", "SELECT count(*) FROM timer"), 0);
}

}  // namespace
}  // namespace steward::sla
