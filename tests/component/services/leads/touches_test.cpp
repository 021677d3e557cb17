// Touches: of a lead, of a customer, the visit sheet of a day.

#include "tests/component/services/leads/pool_fixture.h"

namespace steward::leads {
namespace {

class Touches : public PoolTest {
 protected:
  static pb::RecordTouchRequest Of(const std::string& kind, const std::string& outcome = "reached",
                                   bool effective = true) {
    pb::RecordTouchRequest request;
    pb::Touch& touch = *request.mutable_touch();
    touch.set_kind(kind);
    touch.set_outcome(outcome);
    touch.set_effective(effective);
    return request;
  }
  pb::Touch Record(const pb::RecordTouchRequest& request, const Caller& caller = {}) {
    return Ask(touches, &TouchesApi::RecordTouch, request, caller);
  }
  absl::Status Refused(const pb::RecordTouchRequest& request, const Caller& caller = {}) {
    pb::Touch response;
    return Try(touches, &TouchesApi::RecordTouch, request, &response, caller);
  }
};

TEST_F(Touches, OneOfALeadIsAChangeOfTheLeadToo) {
  Know(kLi, true, "teams/east");
  const pb::Lead lead = Assigned("form-1");
  pb::RecordTouchRequest request = Of("visit");
  request.mutable_touch()->set_lead(lead.name());
  request.mutable_touch()->set_note("Quxmarker was at home");
  request.set_request_id(kRequestId);
  const pb::Touch touch = Record(request);
  EXPECT_EQ(touch.member(), kLi);
  EXPECT_EQ(touch.team(), "teams/east");
  EXPECT_EQ(Record(request).SerializeAsString(), touch.SerializeAsString());
  const Row said = LastOf(touch.name());
  EXPECT_EQ(said.type, "touch.recorded");
  EXPECT_EQ(said.version, 1);
  EXPECT_TRUE(said.event.touch_recorded().in_person());
  EXPECT_EQ(said.event.touch_recorded().team(), "teams/east");
  EXPECT_EQ(said.payload.find("uxmarker"), std::string::npos);
  const Row of_lead = LastOf(lead.name());
  EXPECT_EQ(of_lead.type, "lead.touched");
  EXPECT_EQ(of_lead.event.lead_touched().touch(), touch.name());
  EXPECT_EQ(of_lead.event.lead_touched().to_state(), "CONTACTED");
  EXPECT_EQ(of_lead.occurred_at, said.occurred_at);
  const pb::Lead now = GetLead(lead.name());
  EXPECT_EQ(now.state(), pb::Lead::CONTACTED);
  EXPECT_TRUE(now.has_last_touch_time());
  EXPECT_TRUE(Shows("steward_touches_recorded_total{kind=\"visit\"} 1"));
  request.mutable_touch()->set_kind("phone");
  EXPECT_EQ(RefusalOf(Refused(request))->reason, "REQUEST_ID_REUSED");
}

TEST_F(Touches, OneOfAnOpportunityFitsItsLeadAndCustomerAndIsWithinReach) {
  Create("acme");
  Create("other");
  const pb::Lead lead = Assigned("form-1");
  auto convert = For<pb::ConvertLeadRequest>(lead.name());
  convert.set_customer("customers/acme");
  const std::string deal = Ask(pool, &LeadPoolApi::ConvertLead, convert).opportunity();
  pb::RecordTouchRequest request = Of("visit");
  pb::Touch& touch = *request.mutable_touch();
  touch.set_opportunity("opportunities/x");
  EXPECT_EQ(FieldOf(Refused(request)), "touch.opportunity");
  touch.set_opportunity("opportunities/0190d9a0-0000-7000-8000-0000000000ff");
  EXPECT_TRUE(absl::IsNotFound(Refused(request)));
  touch.set_opportunity(deal);
  EXPECT_TRUE(absl::IsNotFound(Refused(request, Agent("members/zhao"))));
  touch.set_customer("customers/other");
  EXPECT_EQ(FieldOf(Refused(request)), "touch.opportunity");
  touch.clear_customer();
  touch.set_lead(Assigned("form-2").name());
  EXPECT_EQ(FieldOf(Refused(request)), "touch.opportunity");
  touch.clear_lead();
  const int64_t before = Count("SELECT count(*) FROM journal");
  const pb::Touch recorded = Record(request);
  EXPECT_EQ(recorded.customer(), "customers/acme") << "the opportunity's";
  EXPECT_EQ(LastOf(recorded.name()).event.touch_recorded().opportunity(), deal);
  EXPECT_EQ(Count("SELECT count(*) FROM journal"), before + 1);
}

TEST_F(Touches, BadInputNamesTheField) {
  Create("acme");
  pb::RecordTouchRequest request = Of("visit");
  EXPECT_EQ(FieldOf(Refused(request)), "touch.customer");
  request.mutable_touch()->set_customer("customers/acme");
  request.mutable_touch()->set_kind("dance");
  EXPECT_EQ(FieldOf(Refused(request)), "touch.kind");
  request.mutable_touch()->set_kind("visit");
  request.mutable_touch()->set_outcome("no_answer");
  EXPECT_EQ(FieldOf(Refused(request)), "touch.effective");
  request.mutable_touch()->set_outcome("reached");
  request.mutable_touch()->set_lead("leads/7");
  EXPECT_EQ(FieldOf(Refused(request)), "touch.lead");
  request.mutable_touch()->set_lead("");
  *request.mutable_touch()->mutable_occurred_at() = rpc::ToProto(kStart + Hours(1));
  EXPECT_EQ(FieldOf(Refused(request)), "occurred_at");
  request.mutable_touch()->clear_occurred_at();
  request.mutable_touch()->set_customer("customers/none");
  EXPECT_TRUE(absl::IsNotFound(Refused(request)));
  request.mutable_touch()->set_customer("customers/acme");
  request.mutable_touch()->set_member(kWang);
  EXPECT_TRUE(absl::IsNotFound(Refused(request, Agent(kLi))));
  EXPECT_EQ(Count("SELECT count(*) FROM touch"), 0);
}

TEST_F(Touches, ALeadThatIsNoneTakesNoTouch) {
  const pb::Lead lead = CreateLead("form-1");
  auto drop = For<pb::DisqualifyLeadRequest>(lead.name());
  drop.set_disqualify_reason("spam");
  Ask(pool, &LeadPoolApi::DisqualifyLead, drop);
  pb::RecordTouchRequest request = Of("phone");
  request.mutable_touch()->set_lead(lead.name());
  EXPECT_EQ(RefusalOf(Refused(request))->reason, "ILLEGAL_TRANSITION");
  EXPECT_EQ(Count("SELECT count(*) FROM touch"), 0);
}

TEST_F(Touches, TheSheetHasTheDayOfTheCompanysZone) {
  Create("acme");
  const auto record = [&](const char* kind, Time at, bool effective) {
    pb::RecordTouchRequest request = Of(kind, "reached", effective);
    request.mutable_touch()->set_customer("customers/acme");
    *request.mutable_touch()->mutable_occurred_at() = rpc::ToProto(at);
    return Record(request).name();
  };
  // kStart is 2026-05-28 20:26:40 UTC, in Shanghai 04:26:40 of the 29th.
  const Time midnight = kStart - Hours(4) - Minutes(26) - Seconds(40);
  const std::string later = record("phone", midnight + Hours(1), false);
  const std::string first = record("visit", midnight, true);
  record("visit", midnight - Seconds(1), true);
  pb::GetVisitSheetRequest request;
  request.set_member(kLi);
  request.mutable_day()->set_year(2026);
  request.mutable_day()->set_month(5);
  request.mutable_day()->set_day(29);
  const pb::VisitSheet sheet = Ask(touches, &TouchesApi::GetVisitSheet, request);
  ASSERT_EQ(sheet.touches_size(), 2);
  EXPECT_EQ(sheet.touches(0).name(), first);
  EXPECT_EQ(sheet.touches(1).name(), later);
  EXPECT_EQ(sheet.visit_count(), 1);
  EXPECT_EQ(sheet.effective_count(), 1);
  pb::VisitSheet other;
  EXPECT_TRUE(
      absl::IsNotFound(Try(touches, &TouchesApi::GetVisitSheet, request, &other, Agent(kWang))));
  request.mutable_day()->set_day(32);
  EXPECT_EQ(FieldOf(Try(touches, &TouchesApi::GetVisitSheet, request, &other)), "day");
}

TEST_F(Touches, ListsFilterPageAndKeepTheReach) {
  Create("acme");
  for (int i = 0; i < 4; ++i) {
    pb::RecordTouchRequest request = Of(i % 2 == 0 ? "phone" : "visit", "reached", i == 0);
    request.mutable_touch()->set_customer("customers/acme");
    Record(request);
    clock.Advance(Seconds(1));
  }
  const auto list = [&](const std::string& filter, int size, const std::string& token = "",
                        const Caller& caller = {}) {
    pb::ListTouchesRequest request;
    request.set_filter(filter);
    request.set_page_size(size);
    request.set_page_token(token);
    return Ask(touches, &TouchesApi::ListTouches, request, caller);
  };
  const auto page = list("customer = \"customers/acme\"", 3);
  ASSERT_EQ(page.touches_size(), 3);
  EXPECT_EQ(list("customer = \"customers/acme\"", 3, page.next_page_token()).touches_size(), 1);
  EXPECT_EQ(list("kind = visit", 10).touches_size(), 2);
  EXPECT_EQ(list("effective = true", 10).touches_size(), 1);
  EXPECT_EQ(list("effective != true", 10).touches_size(), 3);
  EXPECT_EQ(list("", 10, "", Agent(kWang)).touches_size(), 0);
  const auto catalogue =
      Ask(touches, &TouchesApi::ListTouchCatalogue, pb::ListTouchCatalogueRequest());
  EXPECT_EQ(catalogue.kinds_size(), 7);
  EXPECT_EQ(catalogue.outcomes(0).display_names().at("en"), "Reached");
}

}  // namespace
}  // namespace steward::leads
