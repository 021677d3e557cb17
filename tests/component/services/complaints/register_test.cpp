#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

constexpr char kRequestId[] = "6f8f5ad6-2f6e-4a1c-9d9e-0f3f4a1b2c3d";

using RegisterTicket = ComplaintsTest;

TEST_F(RegisterTicket, StoresAndJournalsTheTicket) {
  pb::RegisterTicketRequest request = Intake("quality_complaint");
  pb::Ticket& draft = *request.mutable_ticket();
  draft.set_severity("major");
  draft.set_customer("customers/acme");
  draft.add_customer_tiers("abc:a");
  draft.set_partner("partners/p");
  draft.set_order("orders/o-1");
  draft.set_serial_number("SN 1");
  draft.set_owner(kWang);
  draft.set_team("teams/east");
  draft.set_region("east");
  draft.set_summary("屏幕闪烁");
  draft.set_description("It flickers.");
  *draft.mutable_occurred_at() = rpc::ToProto(kStart - Hours(2));
  const pb::Ticket ticket = Register(request);
  EXPECT_EQ(ticket.state(), pb::Ticket::RECORDED);
  EXPECT_EQ(ticket.etag(), "\"1\"");
  EXPECT_EQ(ticket.cycle(), 1);
  EXPECT_EQ(rpc::FromProto(ticket.recorded_at()), kStart);
  const pb::Ticket read = Get(ticket.name());
  EXPECT_EQ(read.SerializeAsString(), ticket.SerializeAsString()) << read.DebugString();
  EXPECT_EQ(read.summary(), "屏幕闪烁");

  const std::vector<Row> rows = Journal();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].aggregate, ticket.name());
  EXPECT_EQ(rows[0].type, "ticket.registered");
  EXPECT_EQ(rows[0].actor, kLi);
  EXPECT_EQ(rows[0].occurred_at, kStart - Hours(2));
  EXPECT_EQ(rows[0].event.ticket_registered().kind_path_size(), 2);
  EXPECT_EQ(rows[0].event.ticket_registered().team(), "teams/east");
}

TEST_F(RegisterTicket, CountsTheTicket) {
  Register();
  const std::string text = registry.Text();
  EXPECT_NE(
      text.find("steward_tickets_registered_total{kind=\"complaint\",severity=\"ordinary\"} 1"),
      std::string::npos);
  EXPECT_NE(text.find("steward_tickets_registered_total{kind=\"complaint\",severity=\"major\"} 0"),
            std::string::npos);
}

TEST_F(RegisterTicket, ARepeatAnswersTheFirstAnswer) {
  pb::RegisterTicketRequest request = Intake();
  request.set_request_id(kRequestId);
  for (const bool looked_up : {false, true}) {
    if (looked_up) {
      request.mutable_ticket()->set_external_id("CALL-1");
      request.set_request_id("0b9f5ad6-2f6e-4a1c-9d9e-0f3f4a1b2c3d");
    }
    const auto first = Must(&ComplaintsApi::RegisterTicket, request);
    clock.Advance(Minutes(1));
    const auto second = Must(&ComplaintsApi::RegisterTicket, request);
    EXPECT_EQ(second.SerializeAsString(), first.SerializeAsString());
    EXPECT_FALSE(second.already_existed());
    request.mutable_ticket()->set_severity("major");
    pb::RegisterTicketResponse response;
    const absl::Status reused = Do(&ComplaintsApi::RegisterTicket, request, &response);
    EXPECT_EQ(reused.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(reused), "REQUEST_ID_REUSED");
    request.mutable_ticket()->clear_severity();
  }
  EXPECT_EQ(Journal().size(), 2u);
}

TEST_F(RegisterTicket, TheSameIntakeIsTheSameTicket) {
  pb::RegisterTicketRequest request = Intake();
  request.mutable_ticket()->set_external_id("CALL-7");
  request.mutable_ticket()->set_summary("first words");
  const pb::Ticket first = Register(request);
  request.mutable_ticket()->set_summary("other words");
  const auto second = Must(&ComplaintsApi::RegisterTicket, request);
  EXPECT_TRUE(second.already_existed());
  EXPECT_EQ(second.ticket().SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(Journal().size(), 1u);

  request.mutable_ticket()->set_channel("web");
  EXPECT_FALSE(Must(&ComplaintsApi::RegisterTicket, request).already_existed())
      << "another channel, another id";
}

TEST_F(RegisterTicket, ARepeatedIntakeOutOfReachKeepsItsText) {
  pb::RegisterTicketRequest request = Intake();
  request.mutable_ticket()->set_external_id("CALL-8");
  request.mutable_ticket()->set_owner(kWang);
  request.mutable_ticket()->set_summary("for Wang's eyes");
  const pb::Ticket first = Register(request, Agent(kWang));
  const auto foreign = Must(&ComplaintsApi::RegisterTicket, request, Agent(kLi));
  EXPECT_TRUE(foreign.already_existed());
  EXPECT_EQ(foreign.ticket().name(), first.name());
  EXPECT_EQ(foreign.ticket().summary(), "");
  EXPECT_EQ(Must(&ComplaintsApi::RegisterTicket, request, Agent(kWang)).ticket().summary(),
            "for Wang's eyes");
}

TEST_F(RegisterTicket, RefusesAndLeavesNothing) {
  pb::RegisterTicketRequest request = Intake("grumble");
  request.set_request_id(kRequestId);
  pb::RegisterTicketResponse response;
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::RegisterTicket, request, &response)), "ticket.kind");
  request = Intake();
  *request.mutable_ticket()->mutable_occurred_at() = rpc::ToProto(kStart + Minutes(5));
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::RegisterTicket, request, &response)), "ticket.occurred_at");
  *request.mutable_ticket()->mutable_occurred_at() = rpc::ToProto(kStart - Hours(24 * 91));
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::RegisterTicket, request, &response)), "ticket.occurred_at");
  request = Intake();
  request.mutable_ticket()->set_summary(std::string("a\0b", 3));
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::RegisterTicket, request, &response)), "ticket.summary");
  EXPECT_TRUE(Journal().empty());
  EXPECT_EQ(Count("SELECT count(*) FROM idempotency_key"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM ticket"), 0);
}

TEST_F(RegisterTicket, TheGaugeCountsWhatIsOpen) {
  const pb::Ticket open = Register();
  const pb::Ticket cancelled = Register();
  auto cancel = For<pb::CancelTicketRequest>(cancelled.name());
  cancel.set_cancel_reason("spam");
  Must(&ComplaintsApi::CancelTicket, cancel);
  auto db = pg::Connection::Open(options);
  ASSERT_TRUE(db.ok());
  ASSERT_TRUE(metrics->Refresh(**db).ok());
  EXPECT_NE(
      registry.Text().find("steward_tickets_open{kind=\"complaint\",severity=\"ordinary\"} 1"),
      std::string::npos);
}

}  // namespace
}  // namespace steward::complaints
