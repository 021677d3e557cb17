#include <gmock/gmock.h>

#include "tests/component/services/leads/opportunities_fixture.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

class OpportunityImport : public OpportunitiesTest {
 protected:
  static constexpr Time kOpened = kServiceStart - Hours(24 * 400);

  static v1::PastMove& AddMove(v1::CreateOpportunityRequest& request, const std::string& type,
                               int day, const std::string& stage = "") {
    v1::PastMove& move = *request.add_past_moves();
    move.set_type("opportunity." + type);
    *move.mutable_occurred_at() = rpc::ToProto(kOpened + Hours(24 * day));
    move.set_stage(stage);
    return move;
  }
  v1::CreateOpportunityRequest Won() const {
    v1::CreateOpportunityRequest request = Draft();
    *request.mutable_opportunity()->mutable_occurred_at() = rpc::ToProto(kOpened);
    AddMove(request, "advanced", 1, "needs_analysis");
    AddMove(request, "advanced", 3, "proposal");
    AddMove(request, "advanced", 6, "negotiation");
    SetAmount(900'00, AddMove(request, "won", 10).mutable_amount());
    return request;
  }
};

TEST_F(OpportunityImport, TellsThePastInOneCommand) {
  const v1::Opportunity made = Create(Won(), Importer());
  EXPECT_EQ(made.state(), v1::PipelineStage::WON);
  EXPECT_EQ(made.etag(), "\"5\"");
  EXPECT_EQ(made.amount().units(), 900);
  EXPECT_EQ(rpc::FromProto(made.close_time()), kOpened + Hours(240));
  EXPECT_EQ(rpc::FromProto(made.create_time()), kServiceStart);
  EXPECT_THAT(TypesOf(made.name()),
              ElementsAre("opportunity.opened", "opportunity.advanced", "opportunity.advanced",
                          "opportunity.advanced", "opportunity.won"));
  const auto rows = Journal();
  EXPECT_EQ(rows[4].event.opportunity_advanced().amount().units(), 100) << "not yet won for 900";
  EXPECT_EQ(rows[5].event.opportunity_won().amount().units(), 900);
  EXPECT_TRUE(rows[5].event.opportunity_won().back_dated());
  EXPECT_EQ(rpc::FromProto(rows[5].event.opportunity_won().from_stage_time()),
            kOpened + Hours(24 * 6));
  EXPECT_EQ(rows[5].occurred_at, kOpened + Hours(240));
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity_entry e JOIN journal j USING (event_id)"), 5);
}

TEST_F(OpportunityImport, KeepsTheWordsOfALoss) {
  v1::CreateOpportunityRequest request = Draft();
  *request.mutable_opportunity()->mutable_occurred_at() = rpc::ToProto(kOpened);
  v1::PastMove& lost = AddMove(request, "lost", 2);
  lost.set_lost_reason("other");
  lost.set_lost_note("words");
  const v1::Opportunity made = Create(request, Importer());
  EXPECT_EQ(made.lost_note(), "words");
  EXPECT_EQ(Get(made.name()).SerializeAsString(), made.SerializeAsString());
}

TEST_F(OpportunityImport, IsForImportersAndNamesTheMoveAtFault) {
  v1::CreateOpportunityRequest request = Won();
  const absl::Status refused = Refused(&OpportunitiesApi::CreateOpportunity, request);
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(MetadataOf(refused, "field"), "past_moves");
  *request.mutable_past_moves(2)->mutable_occurred_at() = rpc::ToProto(kOpened);
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::CreateOpportunity, request, Importer())),
            "past_moves[2].occurred_at");
  request = Won();
  request.mutable_past_moves(1)->set_stage("negotiation");
  const absl::Status skipped = Refused(&OpportunitiesApi::CreateOpportunity, request, Importer());
  EXPECT_EQ(ReasonOf(skipped), "ILLEGAL_TRANSITION");
  EXPECT_EQ(MetadataOf(skipped, "at"), "past_moves[1]");
  request = Won();
  request.mutable_past_moves(3)->set_type("opportunity.opened");
  *request.mutable_past_moves(3)->mutable_occurred_at() = rpc::ToProto(kServiceStart);
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::CreateOpportunity, request, Importer())),
            "past_moves[3].type");
  *request.mutable_past_moves(3)->mutable_occurred_at() = rpc::ToProto(kServiceStart + Hours(1));
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::CreateOpportunity, request, Importer())),
            "past_moves[3].occurred_at");
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity"), 0);
}

TEST_F(OpportunityImport, ABatchIsWholeOrNotAtAll) {
  v1::BatchCreateOpportunitiesRequest request;
  request.set_request_id("0190d9a0-0000-7000-8000-000000000001");
  for (int i = 0; i < 100; ++i) {
    *request.add_requests() = Won();
  }
  const auto made = Must(&OpportunitiesApi::BatchCreateOpportunities, request, Importer());
  ASSERT_EQ(made.opportunities_size(), 100);
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity_entry"), 500);
  EXPECT_EQ(
      Must(&OpportunitiesApi::BatchCreateOpportunities, request, Importer()).SerializeAsString(),
      made.SerializeAsString());
  request.clear_request_id();
  request.mutable_requests(7)->mutable_opportunity()->set_customer("customers/nobody");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::BatchCreateOpportunities, request, Importer())),
            "requests[7].opportunity.customer");
  request.mutable_requests(7)->mutable_opportunity()->set_customer("");
  request.mutable_requests(8)->mutable_past_moves(3)->clear_amount();
  request.mutable_requests(8)->mutable_opportunity()->clear_amount();
  const absl::Status status =
      Refused(&OpportunitiesApi::BatchCreateOpportunities, request, Importer());
  EXPECT_EQ(ReasonOf(status), "AMOUNT_MISSING");
  EXPECT_EQ(MetadataOf(status, "at"), "requests[8].past_moves[3]");
  request.mutable_requests(3)->set_opportunity_id("0190d9a0-0000-7000-8000-0000000000ab");
  request.mutable_requests(4)->set_opportunity_id("0190d9a0-0000-7000-8000-0000000000ab");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::BatchCreateOpportunities, request, Importer())),
            "requests[4].opportunity_id");
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity"), 100);
}

}  // namespace
}  // namespace steward::leads
