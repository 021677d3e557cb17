#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

class Import : public ComplaintsTest {
 protected:
  static Caller Importer() {
    return {"members/importer", {"importer"}, {true, {"members/importer"}, {}}, 0};
  }

  static void AddFact(pb::RegisterTicketRequest& request, std::string type, Time at,
                      std::string cause = "") {
    pb::PastFact& fact = *request.add_past_facts();
    fact.set_type(std::move(type));
    *fact.mutable_occurred_at() = rpc::ToProto(at);
    fact.set_cause(std::move(cause));
  }
  pb::RegisterTicketRequest Past() const {
    const Time start = kStart - Hours(24 * 200);
    pb::RegisterTicketRequest request = Intake();
    request.mutable_ticket()->set_external_id("INC-1");
    request.mutable_ticket()->set_customer("customers/caller-9");
    request.mutable_ticket()->set_topic("category-55");
    *request.mutable_ticket()->mutable_occurred_at() = rpc::ToProto(start);
    AddFact(request, "ticket.first_responded", start + Hours(1));
    AddFact(request, "ticket.held", start + Hours(2), "waiting_customer");
    AddFact(request, "ticket.resumed", start + Hours(5), "waiting_customer");
    AddFact(request, "ticket.resolved", start + Hours(6));
    AddFact(request, "ticket.verified", start + Hours(7));
    AddFact(request, "ticket.closed", start + Hours(8));
    return request;
  }
};

TEST_F(Import, IsOneCommandWithVersionsOneToN) {
  const pb::RegisterTicketRequest request = Past();
  const auto response = Must(&ComplaintsApi::RegisterTicket, request, Importer());
  const pb::Ticket& ticket = response.ticket();
  EXPECT_EQ(ticket.state(), pb::Ticket::CLOSED);
  EXPECT_EQ(ticket.etag(), "\"7\"");
  EXPECT_EQ(Get(ticket.name()).SerializeAsString(), ticket.SerializeAsString());
  EXPECT_EQ(TypesOf(ticket.name()),
            (std::vector<std::string>{"ticket.registered", "ticket.first_responded", "ticket.held",
                                      "ticket.resumed", "ticket.resolved", "ticket.verified",
                                      "ticket.closed"}));
  EXPECT_EQ(Count("SELECT count(DISTINCT xid::text) FROM journal"), 1);
  EXPECT_TRUE(Journal()[1].event.ticket_first_responded().back_dated());
  const auto again = Must(&ComplaintsApi::RegisterTicket, request, Importer());
  EXPECT_TRUE(again.already_existed()) << "running an import again changes nothing";
  EXPECT_EQ(Journal().size(), 7u);
}

TEST_F(Import, IsForImporters) {
  pb::RegisterTicketResponse response;
  const absl::Status status = Do(&ComplaintsApi::RegisterTicket, Past(), &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(status), "GRANT_MISSING");
}

TEST_F(Import, IsAllOrNothing) {
  pb::RegisterTicketRequest request = Past();
  request.mutable_past_facts(5)->set_type("ticket.resumed");
  pb::RegisterTicketResponse response;
  const absl::Status status = Do(&ComplaintsApi::RegisterTicket, request, &response, Importer());
  EXPECT_EQ(ReasonOf(status), "HOLD_NOT_OPEN");
  EXPECT_EQ(MetadataOf(status, "fact"), "past_facts[5]");
  EXPECT_TRUE(Journal().empty());
}

TEST_F(Import, AReopeningOfThePastIsARepeat) {
  pb::RegisterTicketRequest request = Past();
  AddFact(request, "ticket.reopened", kStart - Hours(24));
  const auto ticket = Must(&ComplaintsApi::RegisterTicket, request, Importer()).ticket();
  EXPECT_EQ(ticket.cycle(), 2);
  const std::vector<Row> rows = Journal();
  ASSERT_EQ(rows.size(), 9u);
  EXPECT_EQ(rows.back().aggregate, "repeat/caller-9");
  EXPECT_EQ(rows.back().event.repeat_detected().rule(), "reopened");
}

}  // namespace
}  // namespace steward::complaints
