#include <functional>

#include "google/rpc/status.pb.h"
#include "libs/rpc/client.h"
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
    const absl::Status status =
        Do(&ComplaintsApi::GetTicket, For<pb::GetTicketRequest>(ticket.name()), &detail, caller);
    EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kNotFound) << status;
    return status.ok();
  }
};

TEST_F(ReachTest, IsOwnerTeamOrAll) {
  const pb::Ticket ticket = RegisterFor(kWang, kTeam, {});
  EXPECT_TRUE(Sees(Agent(kWang), ticket));
  EXPECT_TRUE(Sees(Agent(kLi, {kTeam}), ticket));
  EXPECT_FALSE(Sees(Agent(kLi, {"teams/west"}), ticket))
      << "who registered it does not matter once it has an owner";
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

// Every method that names a ticket answers the same bytes for one out of reach and for one that
// is not there.
class NotThere : public ReachTest {
 protected:
  template <class Request, class Response>
  void ExpectSame(absl::Status (ComplaintsApi::*method)(const rpc::Call&, const Request&,
                                                        Response*),
                  const std::function<Request(const std::string&)>& make) {
    const std::string there = Answer<Request, Response>(method, make(foreign.name()));
    std::string renamed = there;
    for (size_t at = renamed.find(foreign.name()); at != std::string::npos;
         at = renamed.find(foreign.name())) {
      renamed.replace(at, foreign.name().size(), kMissing);
    }
    EXPECT_NE(renamed, there) << "the answer names the ticket that was asked for";
    EXPECT_EQ(renamed, (Answer<Request, Response>(method, make(kMissing))))
        << Request::descriptor()->name();
  }
  template <class Request, class Response>
  void ExpectSame(absl::Status (ComplaintsApi::*method)(const rpc::Call&, const Request&,
                                                        Response*)) {
    ExpectSame<Request, Response>(method, [](const std::string& name) {
      Request request;
      if constexpr (requires { request.set_name(name); }) {
        request.set_name(name);
      } else {
        request.set_parent(name);
      }
      return request;
    });
  }

  const pb::Ticket foreign = RegisterFor(kWang, kTeam, {});

 private:
  static constexpr char kMissing[] = "complaints/00000000-0000-7000-8000-000000000001";

  // Code, message and details, as a client would get them.
  template <class Request, class Response>
  std::string Answer(absl::Status (ComplaintsApi::*method)(const rpc::Call&, const Request&,
                                                           Response*),
                     const Request& request) {
    Response response;
    const absl::Status status = Do(method, request, &response, Agent(kLi));
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound)
        << Request::descriptor()->name() << " " << status;
    EXPECT_EQ(response.ByteSizeLong(), 0u);
    const rpc::WireStatus wire = rpc::ToWire(status, "complaints");
    google::rpc::Status details;
    EXPECT_TRUE(details.ParseFromString(wire.details));
    return details.DebugString();
  }
};

TEST_F(NotThere, ForCommands) {
  ExpectSame(&ComplaintsApi::RecordFirstResponse);
  ExpectSame(&ComplaintsApi::ProposeSolution);
  ExpectSame(&ComplaintsApi::ResolveTicket);
  ExpectSame(&ComplaintsApi::VerifyTicket);
  ExpectSame(&ComplaintsApi::CloseTicket);
  ExpectSame(&ComplaintsApi::ReopenTicket);
  ExpectSame(&ComplaintsApi::CancelTicket);
  ExpectSame(&ComplaintsApi::HoldTicket);
  ExpectSame(&ComplaintsApi::ResumeTicket);
  ExpectSame(&ComplaintsApi::ChangeTicketSeverity);
  ExpectSame(&ComplaintsApi::ChangeTicketKind);
  ExpectSame<pb::AssignTicketRequest>(&ComplaintsApi::AssignTicket, [](const std::string& name) {
    auto request = For<pb::AssignTicketRequest>(name);
    request.set_owner(kLi);
    return request;
  });
  ExpectSame<pb::TransferTicketRequest>(&ComplaintsApi::TransferTicket,
                                        [](const std::string& name) {
                                          auto request = For<pb::TransferTicketRequest>(name);
                                          request.set_team("teams/west");
                                          return request;
                                        });
  ExpectSame<pb::RecordMilestoneRequest>(&ComplaintsApi::RecordMilestone,
                                         [](const std::string& name) {
                                           auto request = For<pb::RecordMilestoneRequest>(name);
                                           request.set_type("review.replied");
                                           return request;
                                         });
  ExpectSame<pb::CreateTicketNoteRequest>(&ComplaintsApi::CreateTicketNote,
                                          [](const std::string& name) {
                                            pb::CreateTicketNoteRequest request;
                                            request.set_parent(name);
                                            request.mutable_note()->set_text("x");
                                            return request;
                                          });
  EXPECT_EQ(TypesOf(foreign.name()).size(), 1u);
}

TEST_F(NotThere, ForQueries) {
  ExpectSame(&ComplaintsApi::GetTicket);
  ExpectSame(&ComplaintsApi::ListTicketNotes);
  ExpectSame(&ComplaintsApi::ListTicketHistory);
  ExpectSame<pb::BatchGetTicketsRequest>(&ComplaintsApi::BatchGetTickets,
                                         [](const std::string& name) {
                                           pb::BatchGetTicketsRequest request;
                                           request.add_names(name);
                                           return request;
                                         });
}

TEST_F(ReachTest, BoundsLists) {
  RegisterFor(kWang, "", {});
  const pb::Ticket mine = RegisterFor(kLi, "", {});
  const pb::Ticket teams = RegisterFor(kWang, kTeam, {});
  RegisterFor("", "", {});
  const auto list =
      Must(&ComplaintsApi::ListTickets, pb::ListTicketsRequest(), Agent("members/li2", {kTeam}));
  ASSERT_EQ(list.tickets_size(), 1);
  EXPECT_EQ(list.tickets(0).name(), teams.name());
  EXPECT_EQ(Must(&ComplaintsApi::ListTickets, pb::ListTicketsRequest(), Agent(kLi)).tickets_size(),
            2)
      << "own, and the one that Li registered and nobody owns";
  EXPECT_EQ(Must(&ComplaintsApi::ListTickets, pb::ListTicketsRequest()).tickets_size(), 4);
}

}  // namespace
}  // namespace steward::complaints
