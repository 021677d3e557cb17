// Acknowledgement: who may, once, in bulk, on behalf; and reassignment.

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

}  // namespace
}  // namespace steward::sla
