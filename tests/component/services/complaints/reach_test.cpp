#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

constexpr char kTeam[] = "teams/east";

class ReachTest : public ComplaintsTest {
 protected:
  pb::Ticket RegisterFor(const std::string& owner, const std::string& team, const Caller& caller) {
    pb::RegisterTicketRequest request = Intake();
    request.mutable_ticket()->set_owner(owner);
    request.mutable_ticket()->set_team(team);
    return Register(request, caller);
  }
  bool Sees(const Caller& caller, const pb::Ticket& ticket) {
    pb::TicketDetail detail;
    const absl::Status status = Do(&ComplaintsApi::GetTicket, For<pb::GetTicketRequest>(ticket.name()), &detail, caller);
    EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kNotFound) << status;
    return status.ok();
  }
};

TEST_F(ReachTest, IsOwnerTeamOrAll) {
  const pb::Ticket ticket = RegisterFor(kWang, kTeam, {});
  EXPECT_TRUE(Sees(Agent(kWang), ticket));
  EXPECT_TRUE(Sees(Agent(kLi, {kTeam}), ticket));
  EXPECT_FALSE(Sees(Agent(kLi, {"teams/west"}), ticket)) << "who registered it does not matter once it has an owner";
  EXPECT_TRUE(Sees({}, ticket));
}

TEST_F(ReachTest, WhoRegisteredItHasItWhileNobodyOwnsIt) {
  const pb::Ticket ticket = RegisterFor("", "", Agent(kLi));
  EXPECT_TRUE(Sees(Agent(kLi), ticket));
  EXPECT_FALSE(Sees(Agent(kWang, {kTeam}), ticket));
  auto assign = For<pb::AssignTicketRequest>(ticket.name());
  assign.set_owner(kWang);
  Must(&ComplaintsApi::AssignTicket, assign, Agent(kLi));
  EXPECT_FALSE(Sees(Agent(kLi), ticket));
  EXPECT_TRUE(Sees(Agent(kWang), ticket));
}

// Every method that names a ticket answers the same bytes for one out of reach and for one that is not there.
TEST_F(ReachTest, OutOfReachIsNotThere) {
  const pb::Ticket ticket = RegisterFor(kWang, kTeam, {});
  const std::string missing = "complaints/00000000-0000-7000-8000-000000000001";
  const Caller foreign = Agent(kLi);
  const auto same = [&](auto method, auto make) {
    auto request = make(ticket.name());
    auto absent = make(missing);
    const auto text = [&](const auto& r) {
      auto response = [&]<class Request, class Response>(
                          absl::Status (ComplaintsApi::*)(const rpc::Call&, const Request&, Response*)) {
        return Response();
      }(method);
      const absl::Status status = Do(method, r, &response, foreign);
      EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << r.GetDescriptor()->name() << " " << status;
      EXPECT_EQ(ReasonOf(status), "NOT_FOUND");
      EXPECT_EQ(response.ByteSizeLong(), 0u);
      return std::string(FromAbsl(status.message())) + "|" + MetadataOf(status, "name");
    };
    std::string present = text(request);
    const std::string gone = text(absent);
    for (size_t at = present.find(ticket.name()); at != std::string::npos; at = present.find(ticket.name())) {
      present.replace(at, ticket.name().size(), missing);
    }
    EXPECT_EQ(present, gone) << request.GetDescriptor()->name();
  };
  const auto named = []<class Request>(Request) { return [](const std::string& name) { return For<Request>(name); }; };
  same(&ComplaintsApi::GetTicket, named(pb::GetTicketRequest()));
  same(&ComplaintsApi::RecordFirstResponse, named(pb::RecordFirstResponseRequest()));
  same(&ComplaintsApi::ProposeSolution, named(pb::ProposeSolutionRequest()));
  same(&ComplaintsApi::ResolveTicket, named(pb::ResolveTicketRequest()));
  same(&ComplaintsApi::VerifyTicket, named(pb::VerifyTicketRequest()));
  same(&ComplaintsApi::CloseTicket, named(pb::CloseTicketRequest()));
  same(&ComplaintsApi::ReopenTicket, named(pb::ReopenTicketRequest()));
  same(&ComplaintsApi::CancelTicket, named(pb::CancelTicketRequest()));
  same(&ComplaintsApi::HoldTicket, named(pb::HoldTicketRequest()));
  same(&ComplaintsApi::ResumeTicket, named(pb::ResumeTicketRequest()));
  same(&ComplaintsApi::ChangeTicketSeverity, named(pb::ChangeTicketSeverityRequest()));
  same(&ComplaintsApi::ChangeTicketKind, named(pb::ChangeTicketKindRequest()));
  same(&ComplaintsApi::AssignTicket, [](const std::string& name) {
    auto request = For<pb::AssignTicketRequest>(name);
    request.set_owner(kLi);
    return request;
  });
  same(&ComplaintsApi::TransferTicket, [](const std::string& name) {
    auto request = For<pb::TransferTicketRequest>(name);
    request.set_team("teams/west");
    return request;
  });
  same(&ComplaintsApi::RecordMilestone, [](const std::string& name) {
    auto request = For<pb::RecordMilestoneRequest>(name);
    request.set_type("review.replied");
    return request;
  });
  same(&ComplaintsApi::CreateTicketNote, [](const std::string& name) {
    pb::CreateTicketNoteRequest request;
    request.set_parent(name);
    request.mutable_note()->set_text("x");
    return request;
  });
  same(&ComplaintsApi::BatchGetTickets, [](const std::string& name) {
    pb::BatchGetTicketsRequest request;
    request.add_names(name);
    return request;
  });
  const auto parented = []<class Request>(Request) {
    return [](const std::string& name) {
      Request request;
      request.set_parent(name);
      return request;
    };
  };
  same(&ComplaintsApi::ListTicketNotes, parented(pb::ListTicketNotesRequest()));
  same(&ComplaintsApi::ListTicketHistory, parented(pb::ListTicketHistoryRequest()));
  EXPECT_EQ(TypesOf(ticket.name()).size(), 1u);
}

TEST_F(ReachTest, BoundsLists) {
  RegisterFor(kWang, "", {});
  const pb::Ticket mine = RegisterFor(kLi, "", {});
  const pb::Ticket teams = RegisterFor(kWang, kTeam, {});
  RegisterFor("", "", {});
  const auto list = Must(&ComplaintsApi::ListTickets, pb::ListTicketsRequest(), Agent("members/li2", {kTeam}));
  ASSERT_EQ(list.tickets_size(), 1);
  EXPECT_EQ(list.tickets(0).name(), teams.name());
  EXPECT_EQ(Must(&ComplaintsApi::ListTickets, pb::ListTicketsRequest(), Agent(kLi)).tickets_size(), 2)
      << "own, and the one that Li registered and nobody owns";
  EXPECT_EQ(Must(&ComplaintsApi::ListTickets, pb::ListTicketsRequest()).tickets_size(), 4);
}

}  // namespace
}  // namespace steward::complaints
