// Leads: intake, commands on one lead, reads.

#include "tests/component/services/leads/pool_fixture.h"

namespace steward::leads {
namespace {

using Leads = PoolTest;

TEST_F(Leads, IntakeStoresTheLeadAndSaysIt) {
  pb::CreateLeadRequest request = Intake("form-1");
  request.set_request_id(kRequestId);
  pb::Lead& asked = *request.mutable_lead();
  asked.set_team("teams/east");
  asked.set_territory("east");
  asked.add_skills("led");
  asked.mutable_utm()->set_source("douyin");
  asked.mutable_person()->set_display_name("王小姐");
  asked.mutable_person()->set_phone("138 0013 8000");
  asked.mutable_person()->set_email("Wang@Example.COM");
  const auto made = Ask(pool, &LeadPoolApi::CreateLead, request);
  EXPECT_FALSE(made.already_existed());
  EXPECT_EQ(made.lead().state(), pb::Lead::CAPTURED);
  EXPECT_EQ(made.lead().person().phone_e164(), "+8613800138000");
  EXPECT_EQ(made.lead().person().email(), "wang@example.com");
  EXPECT_EQ(made.lead().captured_by(), kLi);
  EXPECT_EQ(made.lead().etag(), "\"1\"");
  EXPECT_EQ(Ask(pool, &LeadPoolApi::CreateLead, request).SerializeAsString(),
            made.SerializeAsString());
  EXPECT_EQ(GetLead(made.lead().name()).SerializeAsString(), made.lead().SerializeAsString());
  ASSERT_EQ(Journal().size(), 1u);
  const Row row = LastOf(made.lead().name());
  EXPECT_EQ(row.type, "lead.captured");
  EXPECT_EQ(row.actor, kLi);
  EXPECT_EQ(row.event.lead_captured().external_id(), "form-1");
  EXPECT_EQ(row.event.lead_captured().team(), "teams/east");
  EXPECT_EQ(row.event.lead_captured().utm_source(), "douyin");
  request.mutable_lead()->set_source("phone");
  pb::CreateLeadResponse response;
  EXPECT_EQ(RefusalOf(Try(pool, &LeadPoolApi::CreateLead, request, &response))->reason,
            "REQUEST_ID_REUSED");
}

TEST_F(Leads, ARepeatedIntakeAnswersTheLeadThatIsThere) {
  const pb::Lead first = CreateLead("form-1");
  const auto again = Ask(pool, &LeadPoolApi::CreateLead, Intake("form-1"));
  EXPECT_TRUE(again.already_existed());
  EXPECT_EQ(again.lead().SerializeAsString(), first.SerializeAsString());
  pb::CreateLeadRequest other = Intake("form-1");
  other.mutable_lead()->set_channel("phone");
  EXPECT_FALSE(Ask(pool, &LeadPoolApi::CreateLead, other).already_existed());
  EXPECT_EQ(Journal().size(), 2u);
}

TEST_F(Leads, ThePersonOfAnExistingLeadIsShownWithinReachAlone) {
  pb::CreateLeadRequest request = Intake("form-1");
  request.mutable_lead()->mutable_person()->set_display_name("王小姐");
  Ask(pool, &LeadPoolApi::CreateLead, request);
  const auto seen = Ask(pool, &LeadPoolApi::CreateLead, request, Agent("members/zhao"));
  EXPECT_TRUE(seen.already_existed());
  EXPECT_FALSE(seen.lead().has_person());
  pb::Lead lead;
  EXPECT_TRUE(
      absl::IsNotFound(Try(pool, &LeadPoolApi::GetLead, For<pb::GetLeadRequest>(seen.lead().name()),
                           &lead, Agent("members/zhao"))));
}

TEST_F(Leads, BadInputNamesTheField) {
  const auto fault = [&](const std::function<void(pb::CreateLeadRequest&)>& spoil) {
    pb::CreateLeadRequest request = Intake("form-1");
    spoil(request);
    pb::CreateLeadResponse response;
    return FieldOf(Try(pool, &LeadPoolApi::CreateLead, request, &response));
  };
  EXPECT_EQ(fault([](auto& r) { r.mutable_lead()->clear_channel(); }), "lead.channel");
  EXPECT_EQ(fault([](auto& r) { r.mutable_lead()->clear_external_id(); }), "lead.external_id");
  EXPECT_EQ(fault([](auto& r) { r.mutable_lead()->clear_source(); }), "lead.source");
  EXPECT_EQ(fault([](auto& r) { r.mutable_lead()->set_source("a\nb"); }), "lead.source");
  EXPECT_EQ(fault([](auto& r) { r.mutable_lead()->set_campaign("x"); }), "lead.campaign");
  EXPECT_EQ(fault([](auto& r) { r.mutable_lead()->mutable_person()->set_phone("12"); }),
            "lead.person.phone");
  EXPECT_EQ(fault([](auto& r) { r.mutable_lead()->mutable_person()->set_email("x"); }),
            "lead.person.email");
  EXPECT_EQ(fault([](auto& r) { r.set_rule("assignmentRules/none"); }), "rule");
  EXPECT_EQ(fault([](auto& r) { r.set_owner("members/none"); }), "owner");
  EXPECT_EQ(fault([](auto& r) {
              *r.mutable_lead()->mutable_occurred_at() = rpc::ToProto(kStart + Hours(1));
            }),
            "lead.occurred_at");
  EXPECT_EQ(Count("SELECT count(*) FROM lead"), 0);
}

TEST_F(Leads, OneThatIsDisqualifiedCanBeRestored) {
  const pb::Lead lead = CreateLead("form-1");
  auto request = For<pb::DisqualifyLeadRequest>(lead.name());
  request.set_disqualify_reason("because");
  pb::Lead response;
  EXPECT_EQ(FieldOf(Try(pool, &LeadPoolApi::DisqualifyLead, request, &response)),
            "disqualify_reason");
  request.set_disqualify_reason("spam");
  request.set_reason("the same text a hundred times");
  request.set_etag("\"7\"");
  EXPECT_TRUE(absl::IsAborted(Try(pool, &LeadPoolApi::DisqualifyLead, request, &response)));
  request.set_etag(lead.etag());
  request.set_request_id(kRequestId);
  const pb::Lead none = Ask(pool, &LeadPoolApi::DisqualifyLead, request);
  EXPECT_EQ(none.state(), pb::Lead::DISQUALIFIED);
  EXPECT_EQ(Ask(pool, &LeadPoolApi::DisqualifyLead, request).SerializeAsString(),
            none.SerializeAsString());
  EXPECT_EQ(LastOf(lead.name()).event.lead_disqualified().from_state(), "CAPTURED");
  request.set_request_id("");
  request.set_etag("");
  const absl::Status twice = Try(pool, &LeadPoolApi::DisqualifyLead, request, &response);
  EXPECT_EQ(RefusalOf(twice)->reason, "ILLEGAL_TRANSITION");
  EXPECT_EQ(MetadataOf(twice, "allowed"), "restore");
  const pb::Lead back =
      Ask(pool, &LeadPoolApi::RestoreLead, For<pb::RestoreLeadRequest>(lead.name()));
  EXPECT_EQ(back.state(), pb::Lead::RECYCLED);
  EXPECT_EQ(LastOf(lead.name()).event.lead_restored().reason(), "spam");
  const auto history = [&] {
    pb::ListLeadHistoryRequest list;
    list.set_parent(lead.name());
    return Ask(pool, &LeadPoolApi::ListLeadHistory, list);
  }();
  ASSERT_EQ(history.changes_size(), 3);
  EXPECT_EQ(history.changes(1).type(), "lead.disqualified");
  EXPECT_EQ(history.changes(1).cause(), "spam");
  EXPECT_EQ(history.changes(1).reason(), "the same text a hundred times");
}

TEST_F(Leads, AFactOfLongAgoNeedsASupervisorAndAReason) {
  const pb::Lead lead = [&] {
    pb::CreateLeadRequest request = Intake("form-1");
    *request.mutable_lead()->mutable_occurred_at() = rpc::ToProto(kStart - Hours(24 * 30));
    return Ask(pool, &LeadPoolApi::CreateLead, request).lead();
  }();
  auto request = For<pb::DisqualifyLeadRequest>(lead.name());
  request.set_disqualify_reason("spam");
  *request.mutable_occurred_at() = rpc::ToProto(kStart - Hours(24));
  pb::Lead response;
  EXPECT_EQ(RefusalOf(Try(pool, &LeadPoolApi::DisqualifyLead, request, &response))->reason,
            "BACK_DATING_NEEDS_SUPERVISOR");
  Caller supervisor;
  supervisor.grants = {"supervisor"};
  EXPECT_EQ(FieldOf(Try(pool, &LeadPoolApi::DisqualifyLead, request, &response, supervisor)),
            "reason");
  request.set_reason("told by phone");
  Ask(pool, &LeadPoolApi::DisqualifyLead, request, supervisor);
  EXPECT_EQ(LastOf(lead.name()).occurred_at, kStart - Hours(24));
}

TEST_F(Leads, ThePersonNeverReachesTheJournal) {
  pb::CreateLeadRequest request = Intake("form-1");
  pb::LeadPerson& person = *request.mutable_lead()->mutable_person();
  person.set_display_name("Quxmarker");
  person.set_company_name("Quxmarker Ltd");
  person.set_email("quxmarker@example.com");
  person.set_phone("13800138000");
  person.set_text("Quxmarker asks");
  request.mutable_lead()->mutable_utm()->set_term("quxmarker");
  const pb::Lead lead = Ask(pool, &LeadPoolApi::CreateLead, request).lead();
  auto drop = For<pb::DisqualifyLeadRequest>(lead.name());
  drop.set_disqualify_reason("no_need");
  drop.set_reason("Quxmarker said no");
  Ask(pool, &LeadPoolApi::DisqualifyLead, drop);
  for (const Row& row : Journal()) {
    for (const char* personal : {"uxmarker", "13800138000"}) {
      EXPECT_EQ(row.payload.find(personal), std::string::npos) << row.type;
    }
  }
}

TEST_F(Leads, ListsFilterAndPage) {
  for (int i = 0; i < 5; ++i) {
    pb::CreateLeadRequest request = Intake("form-" + std::to_string(i));
    request.mutable_lead()->set_source(i % 2 == 0 ? "phone" : "trade_fair");
    Ask(pool, &LeadPoolApi::CreateLead, request);
    clock.Advance(Seconds(1));
  }
  const auto list = [&](const std::string& filter, int size, const std::string& token = "") {
    pb::ListLeadsRequest request;
    request.set_filter(filter);
    request.set_page_size(size);
    request.set_page_token(token);
    return Ask(pool, &LeadPoolApi::ListLeads, request);
  };
  const auto first = list("", 2);
  ASSERT_EQ(first.leads_size(), 2);
  EXPECT_EQ(first.leads(0).external_id(), "form-4");
  const auto second = list("", 2, first.next_page_token());
  EXPECT_EQ(second.leads(0).external_id(), "form-2");
  EXPECT_EQ(list("", 2, second.next_page_token()).next_page_token(), "");
  EXPECT_EQ(list("source = phone", 10).leads_size(), 3);
  EXPECT_EQ(list("source != phone AND state = CAPTURED", 10).leads_size(), 2);
  EXPECT_EQ(list("state = CONVERTED", 10).leads_size(), 0);
  EXPECT_EQ(list("source = phone AND source = web", 10).leads_size(), 0);
  EXPECT_EQ(list("owner = \"\"", 10).leads_size(), 5);
  EXPECT_EQ(list("recorded_at >= \"" + FormatTime(kStart + Seconds(3)) + "\"", 10).leads_size(), 2);
  EXPECT_EQ(list("last_touch_time >= \"" + FormatTime(kStart) + "\"", 10).leads_size(), 0);
  pb::ListLeadsRequest bad;
  pb::ListLeadsResponse response;
  bad.set_filter("state = NOWHERE");
  EXPECT_EQ(FieldOf(Try(pool, &LeadPoolApi::ListLeads, bad, &response)), "filter");
  pb::BatchGetLeadsRequest batch;
  batch.add_names(first.leads(0).name());
  batch.add_names(first.leads(1).name());
  EXPECT_EQ(Ask(pool, &LeadPoolApi::BatchGetLeads, batch).leads(1).name(), first.leads(1).name());
  batch.add_names("leads/00000000-0000-7000-8000-000000000000");
  pb::BatchGetLeadsResponse missing;
  EXPECT_TRUE(absl::IsNotFound(Try(pool, &LeadPoolApi::BatchGetLeads, batch, &missing)));
}

}  // namespace
}  // namespace steward::leads
