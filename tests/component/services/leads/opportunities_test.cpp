#include <gmock/gmock.h>

#include "tests/component/services/leads/opportunities_fixture.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

using Opportunities = OpportunitiesTest;
constexpr char kRequest[] = "0190d9a0-0000-7000-8000-000000000001";

TEST_F(Opportunities, OpensWithWhatTheDirectoryKnows) {
  v1::CreateOpportunityRequest request = Draft();
  request.set_request_id(kRequest);
  rpc::ToProto(absl::CivilDay(2026, 6, 30),
               request.mutable_opportunity()->mutable_expected_close());
  const v1::Opportunity made = Create(request);
  EXPECT_EQ(made.pipeline(), "pipelines/default");
  EXPECT_EQ(made.pipeline_version(), 1);
  EXPECT_EQ(made.stage(), "lead_acquired");
  EXPECT_EQ(made.state(), v1::PipelineStage::OPEN);
  EXPECT_EQ(made.win_basis_points(), 1'000);
  EXPECT_EQ(made.team(), "teams/east") << "the owner's one team";
  EXPECT_EQ(made.amount().units(), 100);
  EXPECT_EQ(made.expected_close().month(), 6);
  EXPECT_EQ(made.etag(), "\"1\"");
  EXPECT_THAT(made.allowed(), ElementsAre("advance to needs_analysis", "lose", "hibernate",
                                          "change_amount", "expect_close", "assign"));
  EXPECT_EQ(Get(made.name()).SerializeAsString(), made.SerializeAsString());
  EXPECT_EQ(Create(request).SerializeAsString(), made.SerializeAsString()) << "a repeat";
  request.mutable_opportunity()->set_region("west");
  EXPECT_EQ(ReasonOf(Refused(&OpportunitiesApi::CreateOpportunity, request)), "REQUEST_ID_REUSED");
  const auto rows = Journal();
  ASSERT_EQ(rows.size(), 2u) << "the customer's and this one's";
  EXPECT_EQ(rows[1].aggregate, made.name());
  const auto& opened = rows[1].event.opportunity_opened();
  EXPECT_EQ(opened.customer() + opened.owner() + opened.team() + opened.stage(),
            "customers/acmemembers/liteams/eastlead_acquired");
  EXPECT_EQ(opened.amount().units(), 100);
  EXPECT_EQ(opened.expected_close().day(), 30);
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity_entry e JOIN journal j USING (event_id)"), 1);
}

TEST_F(Opportunities, NamesWhatIsWrongWithADraft) {
  v1::CreateOpportunityRequest request = Draft();
  request.mutable_opportunity()->set_customer("customers/nobody");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::CreateOpportunity, request)),
            "opportunity.customer");
  request = Draft();
  request.mutable_opportunity()->set_pipeline("pipelines/other");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::CreateOpportunity, request)),
            "opportunity.pipeline");
  request = Draft();
  request.mutable_opportunity()->set_stage("lost");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::CreateOpportunity, request)), "opportunity.stage");
  request = Draft();
  request.mutable_opportunity()->set_lead("leads/x");
  request.mutable_opportunity()->mutable_amount()->set_units(-1);
  request.mutable_opportunity()->mutable_evidence(0)->set_reference("some words");
  request.set_opportunity_id("x");
  std::vector<std::string> fields;
  const Refusal refusal = *RefusalOf(Refused(&OpportunitiesApi::CreateOpportunity, request));
  for (const FieldViolation& field : refusal.fields) {
    fields.push_back(field.field);
  }
  EXPECT_THAT(fields, ElementsAre("opportunity_id", "opportunity.lead", "opportunity.amount",
                                  "opportunity.evidence[0].reference"));
  request = Draft();
  request.mutable_opportunity()->clear_evidence();
  EXPECT_EQ(ReasonOf(Refused(&OpportunitiesApi::CreateOpportunity, request)), "EVIDENCE_MISSING");
  request = Draft();
  *request.mutable_opportunity()->mutable_occurred_at() =
      rpc::ToProto(kServiceStart - Hours(24 * 91));
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::CreateOpportunity, request)),
            "opportunity.occurred_at");
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity"), 0);
}

TEST_F(Opportunities, AnIdThatIsTakenIsRefused) {
  v1::CreateOpportunityRequest request = Draft();
  request.set_opportunity_id("0190d9a0-0000-7000-8000-0000000000ab");
  const std::string name = Create(request).name();
  EXPECT_EQ(name, "opportunities/" + request.opportunity_id());
  const absl::Status status = Refused(&OpportunitiesApi::CreateOpportunity, request);
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(MetadataOf(status, "name"), name);
}

TEST_F(Opportunities, GoOneStepAtATimeWithEvidence) {
  v1::CreateOpportunityRequest draft = Draft();
  draft.mutable_opportunity()->mutable_evidence()->DeleteSubrange(1, 4);
  const std::string name = Create(draft).name();
  auto request = For<v1::AdvanceOpportunityRequest>(name);
  request.set_stage("proposal");
  const absl::Status skipped = Refused(&OpportunitiesApi::AdvanceOpportunity, request);
  EXPECT_EQ(ReasonOf(skipped), "ILLEGAL_TRANSITION");
  EXPECT_THAT(MetadataOf(skipped, "allowed"), ::testing::HasSubstr("advance to needs_analysis"));
  request.set_stage("needs_analysis");
  EXPECT_EQ(ReasonOf(Refused(&OpportunitiesApi::AdvanceOpportunity, request)), "EVIDENCE_MISSING");
  request.set_etag("\"7\"");
  EXPECT_EQ(ReasonOf(Refused(&OpportunitiesApi::AdvanceOpportunity, request)), "ETAG_MISMATCH");
  request.set_etag("\"1\"");
  request.set_request_id(kRequest);
  AddEvidence("needs_record", request.mutable_evidence());
  const v1::Opportunity moved = Must(&OpportunitiesApi::AdvanceOpportunity, request);
  EXPECT_EQ(moved.stage(), "needs_analysis");
  EXPECT_EQ(moved.evidence_size(), 2);
  EXPECT_EQ(Must(&OpportunitiesApi::AdvanceOpportunity, request).SerializeAsString(),
            moved.SerializeAsString());
  const auto row = Journal().back();
  EXPECT_EQ(row.type, "opportunity.advanced");
  const auto& advanced = row.event.opportunity_advanced();
  EXPECT_EQ(advanced.from_stage() + ">" + advanced.to_stage(), "lead_acquired>needs_analysis");
  EXPECT_THAT(advanced.evidence(), ElementsAre("needs_record"));
  EXPECT_EQ(rpc::FromProto(advanced.from_stage_time()), kServiceStart);
  EXPECT_EQ(advanced.amount().units(), 100);
}

TEST_F(Opportunities, AreWonForAnAmountAndOpenAgain) {
  v1::CreateOpportunityRequest draft = Draft();
  draft.mutable_opportunity()->clear_amount();
  const std::string name = Create(draft).name();
  for (const char* stage : {"needs_analysis", "proposal", "negotiation"}) {
    Advance(name, stage);
  }
  auto request = For<v1::WinOpportunityRequest>(name);
  EXPECT_EQ(ReasonOf(Refused(&OpportunitiesApi::WinOpportunity, request)), "AMOUNT_MISSING");
  SetAmount(80'00, request.mutable_amount());
  const v1::Opportunity won = Must(&OpportunitiesApi::WinOpportunity, request);
  EXPECT_EQ(won.state(), v1::PipelineStage::WON);
  EXPECT_EQ(rpc::FromProto(won.close_time()), kServiceStart);
  EXPECT_EQ(Journal().back().event.opportunity_won().amount().units(), 80);
  const v1::Opportunity again =
      Must(&OpportunitiesApi::ReopenOpportunity, For<v1::ReopenOpportunityRequest>(name));
  EXPECT_EQ(again.stage(), "negotiation");
  EXPECT_EQ(again.cycle(), 2);
  EXPECT_FALSE(again.has_close_time());
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity_entry"), 6);
}

TEST_F(Opportunities, TheWordsOfALossStayHere) {
  const std::string name = Create().name();
  auto request = For<v1::LoseOpportunityRequest>(name);
  request.set_lost_reason("other");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::LoseOpportunity, request)), "lost_note");
  request.set_lost_reason("weather");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::LoseOpportunity, request)), "lost_reason");
  request.set_lost_reason("other");
  request.set_lost_note("secret words of Mr. Wu");
  const v1::Opportunity lost = Must(&OpportunitiesApi::LoseOpportunity, request);
  EXPECT_EQ(lost.lost_note(), "secret words of Mr. Wu");
  EXPECT_EQ(Get(name).lost_note(), lost.lost_note());
  for (const Row& row : Journal()) {
    EXPECT_EQ(row.payload.find("secret"), std::string::npos) << row.type;
  }
  EXPECT_EQ(Journal().back().event.opportunity_lost().lost_reason(), "other");
  v1::ListOpportunityHistoryRequest history;
  history.set_parent(name);
  const auto changes = Must(&OpportunitiesApi::ListOpportunityHistory, history);
  ASSERT_EQ(changes.changes_size(), 2);
  EXPECT_EQ(changes.changes(1).from() + ">" + changes.changes(1).to(), "lead_acquired>lost");
  EXPECT_EQ(changes.changes(1).lost_note(), lost.lost_note());
  const v1::Opportunity again =
      Must(&OpportunitiesApi::ReopenOpportunity, For<v1::ReopenOpportunityRequest>(name));
  EXPECT_EQ(again.lost_note() + again.lost_reason(), "");
  EXPECT_EQ(Get(name).SerializeAsString(), again.SerializeAsString());
}

TEST_F(Opportunities, AMoveToldLateNeedsASupervisorAndAReason) {
  v1::CreateOpportunityRequest draft = Draft();
  *draft.mutable_opportunity()->mutable_occurred_at() = rpc::ToProto(kServiceStart - Hours(48));
  const std::string name = Create(draft).name();
  auto request = For<v1::AdvanceOpportunityRequest>(name);
  request.set_stage("needs_analysis");
  *request.mutable_occurred_at() = rpc::ToProto(kServiceStart - Hours(24));
  EXPECT_EQ(ReasonOf(Refused(&OpportunitiesApi::AdvanceOpportunity, request)),
            "BACK_DATING_NEEDS_SUPERVISOR");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::AdvanceOpportunity, request, Supervisor())),
            "reason");
  request.set_reason("typed on Monday");
  Must(&OpportunitiesApi::AdvanceOpportunity, request, Supervisor());
  EXPECT_TRUE(Journal().back().event.opportunity_advanced().back_dated());
  EXPECT_EQ(Journal().back().payload.find("Monday"), std::string::npos);
  v1::ListOpportunityHistoryRequest history;
  history.set_parent(name);
  EXPECT_EQ(Must(&OpportunitiesApi::ListOpportunityHistory, history).changes(1).reason(),
            "typed on Monday");
  request.set_stage("proposal");
  *request.mutable_occurred_at() = rpc::ToProto(kServiceStart - Hours(25));
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::AdvanceOpportunity, request, Importer())),
            "occurred_at")
      << "before it came to this stage";
}

TEST_F(Opportunities, AmountAndExpectedCloseAreAnEventEach) {
  const std::string name = Create().name();
  v1::UpdateOpportunityRequest request;
  request.mutable_opportunity()->set_name(name);
  SetAmount(300'00, request.mutable_opportunity()->mutable_amount());
  rpc::ToProto(absl::CivilDay(2026, 7, 1), request.mutable_opportunity()->mutable_expected_close());
  const v1::Opportunity changed = Must(&OpportunitiesApi::UpdateOpportunity, request);
  EXPECT_EQ(changed.etag(), "\"3\"");
  EXPECT_THAT(TypesOf(name), ElementsAre("opportunity.opened", "opportunity.amount_changed",
                                         "opportunity.close_expected"));
  EXPECT_EQ(Must(&OpportunitiesApi::UpdateOpportunity, request).etag(), "\"3\"") << "the same";
  request.mutable_opportunity()->clear_amount();
  request.mutable_update_mask()->add_paths("amount");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::UpdateOpportunity, request)), "opportunity.amount");
  Must(&OpportunitiesApi::LoseOpportunity, [&] {
    auto lose = For<v1::LoseOpportunityRequest>(name);
    lose.set_lost_reason("price");
    return lose;
  }());
  SetAmount(1'00, request.mutable_opportunity()->mutable_amount());
  EXPECT_EQ(ReasonOf(Refused(&OpportunitiesApi::UpdateOpportunity, request)), "ILLEGAL_TRANSITION");
}

TEST_F(Opportunities, OutOfReachIsNotThereAndAssigningMovesIt) {
  const std::string name = Create().name();
  const Caller other = Agent("members/other");
  const absl::Status out =
      Refused(&OpportunitiesApi::GetOpportunity, For<v1::GetOpportunityRequest>(name), other);
  EXPECT_EQ(out.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(out.message(), Refused(&OpportunitiesApi::WakeOpportunity,
                                   For<v1::WakeOpportunityRequest>(name), other)
                               .message());
  auto request = For<v1::AssignOpportunityRequest>(name);
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::AssignOpportunity, request)), "owner");
  request.set_owner("members/other");
  request.set_region("west");
  const v1::Opportunity assigned = Must(&OpportunitiesApi::AssignOpportunity, request);
  EXPECT_EQ(assigned.team(), "teams/east") << "the directory knows no team of the new owner";
  EXPECT_EQ(Get(name, other).region(), "west");
  const Row row = Journal().back();
  const auto& event = row.event.opportunity_assigned();
  EXPECT_EQ(event.from_owner() + ">" + event.owner(), "members/li>members/other");
  EXPECT_EQ(ReasonOf(Refused(&OpportunitiesApi::AssignOpportunity, request)), "NOTHING_TO_CHANGE");
  v1::ListOpportunityHistoryRequest history;
  history.set_parent(name);
  history.set_page_size(2);
  const auto first = Must(&OpportunitiesApi::ListOpportunityHistory, history);
  history.set_page_token(first.next_page_token());
  const auto second = Must(&OpportunitiesApi::ListOpportunityHistory, history);
  ASSERT_EQ(second.changes_size(), 1);
  EXPECT_EQ(second.changes(0).field(), "region");
}

TEST_F(Opportunities, SleepAndWakeWhereTheyFellAsleep) {
  const std::string name = Create().name();
  Advance(name, "needs_analysis");
  EXPECT_EQ(
      Must(&OpportunitiesApi::HibernateOpportunity, For<v1::HibernateOpportunityRequest>(name))
          .state(),
      v1::PipelineStage::DORMANT);
  EXPECT_EQ(Must(&OpportunitiesApi::WakeOpportunity, For<v1::WakeOpportunityRequest>(name)).stage(),
            "needs_analysis");
}

}  // namespace
}  // namespace steward::leads
