#include "steward/sla/v1/sla_service.pb.h"
#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

using Commands = ComplaintsTest;

TEST_F(Commands, WalkATicketToItsEnd) {
  const std::string name = Register().name();
  EXPECT_EQ(
      Must(&ComplaintsApi::RecordFirstResponse, For<pb::RecordFirstResponseRequest>(name)).state(),
      pb::Ticket::FIRST_RESPONDED);
  EXPECT_EQ(Must(&ComplaintsApi::ProposeSolution, For<pb::ProposeSolutionRequest>(name)).state(),
            pb::Ticket::SOLUTION_PROPOSED);
  auto hold = For<pb::HoldTicketRequest>(name);
  hold.set_cause("waiting_parts");
  EXPECT_EQ(Must(&ComplaintsApi::HoldTicket, hold).ticket().holds_size(), 1);
  EXPECT_EQ(Must(&ComplaintsApi::ResolveTicket, For<pb::ResolveTicketRequest>(name)).state(),
            pb::Ticket::RESOLVED);

  pb::Ticket refused;
  const absl::Status unverified =
      Do(&ComplaintsApi::CloseTicket, For<pb::CloseTicketRequest>(name), &refused);
  EXPECT_EQ(unverified.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(unverified), "ILLEGAL_TRANSITION");
  EXPECT_EQ(MetadataOf(unverified, "from"), "RESOLVED");
  EXPECT_EQ(MetadataOf(unverified, "action"), "close");
  EXPECT_NE(MetadataOf(unverified, "allowed").find("verify"), std::string::npos);

  Must(&ComplaintsApi::VerifyTicket, For<pb::VerifyTicketRequest>(name));
  clock.Advance(Hours(1));
  const pb::Ticket closed = Must(&ComplaintsApi::CloseTicket, For<pb::CloseTicketRequest>(name));
  EXPECT_EQ(closed.state(), pb::Ticket::CLOSED);
  EXPECT_EQ(closed.holds_size(), 0);
  EXPECT_EQ(closed.milestones_size(), 5);
  EXPECT_EQ(rpc::FromProto(closed.update_time()), kStart + Hours(1));
  EXPECT_EQ(Get(name).SerializeAsString(), closed.SerializeAsString());

  const pb::Ticket reopened =
      Must(&ComplaintsApi::ReopenTicket, For<pb::ReopenTicketRequest>(name));
  EXPECT_EQ(reopened.state(), pb::Ticket::RECORDED);
  EXPECT_EQ(reopened.cycle(), 2);
  EXPECT_EQ(reopened.milestones_size(), 6);
  EXPECT_EQ(TypesOf(name),
            (std::vector<std::string>{"ticket.registered", "ticket.first_responded",
                                      "ticket.solution_proposed", "ticket.held", "ticket.resolved",
                                      "ticket.verified", "ticket.resumed", "ticket.closed",
                                      "ticket.reopened"}));
}

TEST_F(Commands, ChangeWhoAnswersAndWhatItIs) {
  const std::string name = Register().name();
  auto assign = For<pb::AssignTicketRequest>(name);
  assign.set_owner(kWang);
  EXPECT_EQ(Must(&ComplaintsApi::AssignTicket, assign).owner(), kWang);
  auto transfer = For<pb::TransferTicketRequest>(name);
  transfer.set_team("teams/after-sales");
  transfer.set_region("north");
  const pb::Ticket moved = Must(&ComplaintsApi::TransferTicket, transfer);
  EXPECT_EQ(moved.owner(), "") << "the team finds one";
  EXPECT_EQ(moved.region(), "north");
  auto severity = For<pb::ChangeTicketSeverityRequest>(name);
  severity.set_severity("major");
  EXPECT_EQ(Must(&ComplaintsApi::ChangeTicketSeverity, severity).severity(), "major");
  auto kind = For<pb::ChangeTicketKindRequest>(name);
  kind.set_kind("quality_complaint");
  kind.set_severity("major");
  EXPECT_EQ(Must(&ComplaintsApi::ChangeTicketKind, kind).kind(), "quality_complaint");
  auto milestone = For<pb::RecordMilestoneRequest>(name);
  milestone.set_type("opinion.alert_responded");
  const pb::Ticket last = Must(&ComplaintsApi::RecordMilestone, milestone);
  EXPECT_EQ(last.etag(), "\"6\"");
  EXPECT_EQ(Get(name).SerializeAsString(), last.SerializeAsString());
  const std::vector<Row> rows = Journal();
  EXPECT_EQ(rows[2].event.ticket_transferred().from_owner(), kWang);
  EXPECT_EQ(rows[4].event.ticket_kind_changed().kind_path_size(), 2);
  EXPECT_EQ(rows[5].type, "opinion.alert_responded");
}

TEST_F(Commands, RepeatAnswersTheFirstAnswer) {
  const std::string name = Register().name();
  auto respond = For<pb::RecordFirstResponseRequest>(name);
  respond.set_request_id("6f8f5ad6-2f6e-4a1c-9d9e-0f3f4a1b2c3d");
  const pb::Ticket first = Must(&ComplaintsApi::RecordFirstResponse, respond);
  Must(&ComplaintsApi::ResolveTicket, For<pb::ResolveTicketRequest>(name));
  EXPECT_EQ(Must(&ComplaintsApi::RecordFirstResponse, respond).SerializeAsString(),
            first.SerializeAsString());
  respond.set_reason("another body");
  pb::Ticket response;
  EXPECT_EQ(ReasonOf(Do(&ComplaintsApi::RecordFirstResponse, respond, &response)),
            "REQUEST_ID_REUSED");
  EXPECT_EQ(TypesOf(name).size(), 3u);
}

TEST_F(Commands, AStaleEtagIsAborted) {
  const pb::Ticket ticket = Register();
  auto respond = For<pb::RecordFirstResponseRequest>(ticket.name());
  respond.set_etag(ticket.etag());
  Must(&ComplaintsApi::RecordFirstResponse, respond);
  auto resolve = For<pb::ResolveTicketRequest>(ticket.name());
  resolve.set_etag(ticket.etag());
  pb::Ticket response;
  const absl::Status status = Do(&ComplaintsApi::ResolveTicket, resolve, &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(status), "ETAG_MISMATCH");
  EXPECT_EQ(MetadataOf(status, "etag"), "\"2\"");
}

TEST_F(Commands, BackDatingNeedsASupervisorAndAReason) {
  pb::RegisterTicketRequest intake = Intake();
  *intake.mutable_ticket()->mutable_occurred_at() = rpc::ToProto(kStart - Hours(5));
  const std::string name = Register(intake).name();
  auto respond = For<pb::RecordFirstResponseRequest>(name);
  *respond.mutable_occurred_at() = rpc::ToProto(kStart - Hours(1));
  pb::Ticket response;
  EXPECT_EQ(ReasonOf(Do(&ComplaintsApi::RecordFirstResponse, respond, &response)),
            "BACK_DATING_NEEDS_SUPERVISOR");
  Caller supervisor;
  supervisor.grants = {"supervisor"};
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::RecordFirstResponse, respond, &response, supervisor)),
            "reason");
  respond.set_reason("typed the day after");
  Must(&ComplaintsApi::RecordFirstResponse, respond, supervisor);
  const Row row = Journal().back();
  EXPECT_EQ(row.occurred_at, kStart - Hours(1));
  EXPECT_TRUE(row.event.ticket_first_responded().back_dated());
}

TEST_F(Commands, OnACancelledTicketAreRefused) {
  const std::string name = Register().name();
  auto cancel = For<pb::CancelTicketRequest>(name);
  cancel.set_cancel_reason("boredom");
  pb::Ticket response;
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::CancelTicket, cancel, &response)), "cancel_reason");
  cancel.set_cancel_reason("duplicate");
  EXPECT_EQ(Must(&ComplaintsApi::CancelTicket, cancel).cancel_reason(), "duplicate");
  EXPECT_EQ(
      ReasonOf(Do(&ComplaintsApi::ReopenTicket, For<pb::ReopenTicketRequest>(name), &response)),
      "ILLEGAL_TRANSITION");
  pb::CreateTicketNoteRequest note;
  note.set_parent(name);
  note.mutable_note()->set_text("x");
  pb::TicketNote noted;
  EXPECT_EQ(ReasonOf(Do(&ComplaintsApi::CreateTicketNote, note, &noted)), "ILLEGAL_TRANSITION");
  EXPECT_EQ(TypesOf(name).size(), 2u);
}

TEST_F(Commands, NameTheFieldAtFault) {
  const std::string name = Register().name();
  pb::Ticket response;
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::CloseTicket, For<pb::CloseTicketRequest>("complaints/x"),
                       &response)),
            "name");
  EXPECT_EQ(
      FieldOf(Do(&ComplaintsApi::AssignTicket, For<pb::AssignTicketRequest>(name), &response)),
      "owner");
  auto assign = For<pb::AssignTicketRequest>(name);
  assign.set_owner("teams/x");
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::AssignTicket, assign, &response)), "owner");
  auto milestone = For<pb::RecordMilestoneRequest>(name);
  milestone.set_type("ticket.closed");
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::RecordMilestone, milestone, &response)), "type")
      << "it has a method of its own";
  auto close = For<pb::CloseTicketRequest>(name);
  close.set_reason(std::string(5000, 'x'));
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::CloseTicket, close, &response)), "reason");
}

TEST_F(Commands, AHoldSaysWhatItDoesToTheClocks) {
  const std::string name = Register().name();
  auto hold = For<pb::HoldTicketRequest>(name);
  hold.set_cause("waiting_customer");
  hold.set_request_id("6f8f5ad6-2f6e-4a1c-9d9e-0f3f4a1b2c3d");
  EXPECT_EQ(Must(&ComplaintsApi::HoldTicket, hold).effect(), "") << "the sla service is away";
  sla = [](std::string_view, const google::protobuf::Message&, google::protobuf::Message* response,
           Duration, const rpc::Call&) {
    if (auto* clocks = dynamic_cast<steward::sla::v1::BatchGetClocksResponse*>(response);
        clocks != nullptr) {
      clocks->add_clocks()->set_run_state(steward::sla::v1::Clock::RUNNING);
    }
    return absl::OkStatus();
  };
  const auto again = Must(&ComplaintsApi::HoldTicket, hold);
  EXPECT_EQ(again.effect(),
            "0 clocks paused: no policy of its open clocks (1) lists holds for `waiting_customer`");
  EXPECT_EQ(again.ticket().holds_size(), 1);
  hold.set_request_id("7f8f5ad6-2f6e-4a1c-9d9e-0f3f4a1b2c3d");
  pb::HoldTicketResponse response;
  EXPECT_EQ(ReasonOf(Do(&ComplaintsApi::HoldTicket, hold, &response)), "HOLD_ALREADY_OPEN");
  auto resume = For<pb::ResumeTicketRequest>(name);
  resume.set_cause("waiting_customer");
  EXPECT_EQ(Must(&ComplaintsApi::ResumeTicket, resume).holds_size(), 0);
}

}  // namespace
}  // namespace steward::complaints
