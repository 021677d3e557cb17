#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

constexpr char kCanary[] = "canary-王小姐-13800138000";

class Privacy : public ComplaintsTest {
 protected:
  pb::Ticket RegisterWithCanary() {
    pb::RegisterTicketRequest request = Intake("quality_complaint");
    request.mutable_ticket()->set_external_id("CALL-1");
    request.mutable_ticket()->set_customer("customers/acme");
    request.mutable_ticket()->set_topic("noise");
    request.mutable_ticket()->set_summary(kCanary);
    request.mutable_ticket()->set_description(kCanary);
    return Register(request);
  }
};

// A word that is nowhere else, put into every personal text, is in no row of the journal.
TEST_F(Privacy, PersonalTextIsNeverInTheJournal) {
  const std::string name = RegisterWithCanary().name();
  Caller supervisor;
  supervisor.grants = {"supervisor"};
  const auto with_reason = [&]<class Request>(Request command) {
    command.set_name(name);
    command.set_reason(kCanary);
    return command;
  };
  const auto run = [&](auto method, auto command) {
    Must(method, with_reason(command), supervisor);
  };
  pb::AssignTicketRequest assign;
  assign.set_owner(kWang);
  run(&ComplaintsApi::AssignTicket, assign);
  pb::TransferTicketRequest transfer;
  transfer.set_team("teams/west");
  run(&ComplaintsApi::TransferTicket, transfer);
  pb::HoldTicketRequest hold;
  hold.set_cause("other");
  run(&ComplaintsApi::HoldTicket, hold);
  pb::ResumeTicketRequest resume;
  resume.set_cause("other");
  run(&ComplaintsApi::ResumeTicket, resume);
  pb::ChangeTicketSeverityRequest severity;
  severity.set_severity("major");
  run(&ComplaintsApi::ChangeTicketSeverity, severity);
  pb::RecordMilestoneRequest milestone;
  milestone.set_type("opinion.alert_responded");
  run(&ComplaintsApi::RecordMilestone, milestone);
  run(&ComplaintsApi::RecordFirstResponse, pb::RecordFirstResponseRequest());
  run(&ComplaintsApi::ProposeSolution, pb::ProposeSolutionRequest());
  run(&ComplaintsApi::ResolveTicket, pb::ResolveTicketRequest());
  run(&ComplaintsApi::VerifyTicket, pb::VerifyTicketRequest());
  run(&ComplaintsApi::CloseTicket, pb::CloseTicketRequest());
  run(&ComplaintsApi::ReopenTicket, pb::ReopenTicketRequest());
  pb::ChangeTicketKindRequest kind;
  kind.set_kind("complaint");
  run(&ComplaintsApi::ChangeTicketKind, kind);
  pb::CreateTicketNoteRequest note;
  note.set_parent(name);
  note.mutable_note()->set_text(kCanary);
  Must(&ComplaintsApi::CreateTicketNote, note);
  pb::CancelTicketRequest cancel;
  cancel.set_cancel_reason("mistake");
  run(&ComplaintsApi::CancelTicket, cancel);

  const std::vector<Row> rows = Journal();
  EXPECT_EQ(rows.size(), 17u);
  for (const Row& row : rows) {
    EXPECT_EQ(row.payload.find("canary"), std::string::npos) << row.type;
    EXPECT_EQ((row.aggregate + row.actor).find("canary"), std::string::npos);
  }
  EXPECT_EQ(Get(name).summary(), kCanary) << "it is kept where it belongs";
  EXPECT_EQ(Count("SELECT count(*) FROM ticket_reason"), 14);
}

}  // namespace
}  // namespace steward::complaints
