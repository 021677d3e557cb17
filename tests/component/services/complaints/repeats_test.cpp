#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

class Repeats : public ComplaintsTest {
 protected:
  pb::Ticket RegisterOf(const std::string& customer, const std::string& topic, int days_ago) {
    pb::RegisterTicketRequest request = Intake();
    request.mutable_ticket()->set_customer(customer);
    request.mutable_ticket()->set_topic(topic);
    *request.mutable_ticket()->mutable_occurred_at() = rpc::ToProto(kStart - Hours(24 * days_ago));
    return Register(request);
  }
  std::vector<Row> Chain(const std::string& aggregate) {
    std::vector<Row> rows = Journal();
    std::erase_if(rows, [&](const Row& row) { return row.aggregate != aggregate; });
    return rows;
  }
};

TEST_F(Repeats, AreLinkedToTheFirstAndSaidSo) {
  const pb::Ticket first = RegisterOf("customers/acme", "noise", 10);
  EXPECT_EQ(first.repeat_of(), "");
  const pb::Ticket second = RegisterOf("customers/acme", "noise", 5);
  EXPECT_EQ(second.repeat_of(), first.name());
  EXPECT_EQ(Get(second.name()).repeat_of(), first.name());
  RegisterOf("customers/other", "noise", 4);
  RegisterOf("customers/acme", "heat", 3);
  const std::vector<Row> chain = Chain("repeat/acme");
  ASSERT_EQ(chain.size(), 1u);
  const auto& said = chain[0].event.repeat_detected();
  EXPECT_EQ(said.ticket(), second.name());
  EXPECT_EQ(said.first_ticket(), first.name());
  EXPECT_EQ(said.rule(), "same_topic");
  EXPECT_EQ(rpc::FromProto(said.first_occurred_at()), kStart - Hours(240));
  EXPECT_EQ(chain[0].occurred_at, kStart - Hours(120));
  EXPECT_EQ(TypesOf(second.name()).size(), 1u) << "the ticket itself is not written";
}

TEST_F(Repeats, ATicketThatArrivesLateLinksTheOthersAnew) {
  const pb::Ticket second = RegisterOf("customers/acme", "noise", 5);
  const pb::Ticket third = RegisterOf("customers/acme", "noise", 4);
  const pb::Ticket first = RegisterOf("customers/acme", "noise", 20);
  EXPECT_EQ(Get(first.name()).repeat_of(), "");
  EXPECT_EQ(Get(second.name()).repeat_of(), first.name());
  EXPECT_EQ(Get(third.name()).repeat_of(), first.name());
  const std::vector<Row> chain = Chain("repeat/acme");
  ASSERT_EQ(chain.size(), 3u);
  EXPECT_EQ(chain[0].event.repeat_detected().first_ticket(), second.name());
  EXPECT_EQ(chain[1].event.repeat_detected().ticket(), second.name());
  EXPECT_EQ(chain[2].event.repeat_detected().ticket(), third.name());
}

TEST_F(Repeats, ACancelledTicketTakesNoPart) {
  const pb::Ticket spam = RegisterOf("customers/acme", "noise", 5);
  auto cancel = For<pb::CancelTicketRequest>(spam.name());
  cancel.set_cancel_reason("spam");
  Must(&ComplaintsApi::CancelTicket, cancel);
  EXPECT_EQ(RegisterOf("customers/acme", "noise", 4).repeat_of(), "");
}

TEST_F(Repeats, AReopenedTicketIsOne) {
  pb::RegisterTicketRequest request = Intake("inquiry");
  request.mutable_ticket()->set_customer("customers/acme");
  const pb::Ticket ticket = Register(request);
  Must(&ComplaintsApi::ResolveTicket, For<pb::ResolveTicketRequest>(ticket.name()));
  auto reopen = For<pb::ReopenTicketRequest>(ticket.name());
  reopen.set_request_id("6f8f5ad6-2f6e-4a1c-9d9e-0f3f4a1b2c3d");
  const pb::Ticket reopened = Must(&ComplaintsApi::ReopenTicket, reopen);
  EXPECT_EQ(Must(&ComplaintsApi::ReopenTicket, reopen).SerializeAsString(),
            reopened.SerializeAsString());
  EXPECT_EQ(reopened.repeat_of(), "");
  const std::vector<Row> chain = Chain("repeat/acme");
  ASSERT_EQ(chain.size(), 1u);
  EXPECT_EQ(chain[0].event.repeat_detected().rule(), "reopened");
  EXPECT_EQ(chain[0].event.repeat_detected().ticket(), ticket.name());
  EXPECT_EQ(chain[0].event.repeat_detected().first_ticket(), ticket.name());

  const pb::Ticket unknown = Register(Intake("inquiry"));
  Must(&ComplaintsApi::ResolveTicket, For<pb::ResolveTicketRequest>(unknown.name()));
  Must(&ComplaintsApi::ReopenTicket, For<pb::ReopenTicketRequest>(unknown.name()));
  EXPECT_EQ(Count("SELECT count(*) FROM journal WHERE aggregate LIKE 'repeat/%'"), 1)
      << "no customer, no chain";
}

}  // namespace
}  // namespace steward::complaints
