// Customers and their tiers: from the leads service's events, and asked for while nobody told.

#include "services/complaints/events/customers.h"

#include <gmock/gmock.h>

#include "services/complaints/api/unknown_customers.h"
#include "steward/leads/events/v1/leads_events.pb.h"
#include "steward/leads/v1/leads_service.pb.h"
#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

using leads::events::v1::LeadsEvent;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kAcme[] = "customers/acme";

class Customers : public ComplaintsTest {
 protected:
  eventing::Event Told(int64_t version, LeadsEvent message) {
    eventing::Event event;
    event.topic = kLeadsTopic;
    event.aggregate = kAcme;
    event.version = version;
    event.type = eventing::EventName(message);
    event.message = std::make_shared<LeadsEvent>(std::move(message));
    return event;
  }
  eventing::Event AddedWith(int64_t version, const std::vector<std::string>& tiers) {
    LeadsEvent message;
    message.mutable_customer_registered()->mutable_tiers()->Add(tiers.begin(), tiers.end());
    return Told(version, message);
  }
  eventing::Event Tiers(int64_t version, const std::vector<std::string>& tiers) {
    LeadsEvent message;
    message.mutable_customer_tier_changed()->mutable_tiers()->Add(tiers.begin(), tiers.end());
    return Told(version, message);
  }
  void Apply(const std::vector<eventing::Event>& events) {
    auto db = pg::Connection::Open(options);
    ASSERT_TRUE(db.ok()) << db.status();
    const absl::Status status = pg::RunInTx(**db, {}, [&](pg::Tx& tx) {
      for (const eventing::Event& event : events) {
        ApplyCustomerEvent(tx, event);
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_TRUE(customers->Refresh().ok());
  }
  pb::Ticket TicketOf(const std::string& customer, const std::vector<std::string>& given = {},
                      const Caller& caller = {}) {
    pb::RegisterTicketRequest request = Intake();
    request.mutable_ticket()->set_customer(customer);
    request.mutable_ticket()->mutable_customer_tiers()->Add(given.begin(), given.end());
    return Register(request, caller);
  }
  // The leads service answers these tiers; counts the questions.
  void LeadsKnow(std::vector<std::string> tiers) {
    leads = [this, tiers](std::string_view method, const google::protobuf::Message&,
                          google::protobuf::Message* response, Duration, const rpc::Call& call) {
      EXPECT_EQ(method, "/steward.leads.v1.LeadsService/GetCustomer");
      EXPECT_GT(call.TimeLeft(), Duration{}) << "not the ticket's deadline";
      ++questions;
      auto* customer = static_cast<leads::v1::Customer*>(response);
      customer->mutable_tiers()->Add(tiers.begin(), tiers.end());
      return absl::OkStatus();
    };
  }
  std::string Metric(const char* outcome) {
    const std::string text = registry.Text();
    const std::string name =
        std::string("steward_customer_questions_total{outcome=\"") + outcome + "\"} ";
    const size_t at = text.find(name) + name.size();
    return text.substr(at, text.find('\n', at) - at);
  }

  int questions = 0;
};

TEST_F(Customers, ATicketHasTheTiersOfTheProjection) {
  Apply({AddedWith(1, {"abc:b"}), Tiers(2, {"abc:a"})});
  const pb::Ticket ticket = TicketOf(kAcme, {"abc:c"});
  EXPECT_THAT(ticket.customer_tiers(), ElementsAre("abc:a")) << "a caller's own count for nothing";
  EXPECT_EQ(Journal().back().event.ticket_registered().customer_version(), 2);
  EXPECT_THAT(Get(ticket.name()).customer_tiers(), ElementsAre("abc:a"));
  Apply({Tiers(3, {})});
  EXPECT_THAT(TicketOf(kAcme).customer_tiers(), IsEmpty());
}

TEST_F(Customers, AnImportersOwnTiersGoBeforeTheProjection) {
  Apply({AddedWith(1, {"abc:b"})});
  const Caller importer{.grants = {"importer"}};
  EXPECT_THAT(TicketOf(kAcme, {"abc:c"}, importer).customer_tiers(), ElementsAre("abc:c"));
  EXPECT_EQ(Journal().back().event.ticket_registered().customer_version(), 0);
  EXPECT_THAT(TicketOf(kAcme, {}, importer).customer_tiers(), ElementsAre("abc:b"));
}

TEST_F(Customers, TwiceIsOnceAndOtherEventsOfTheTopicAreNothing) {
  LeadsEvent updated;
  updated.mutable_customer_updated();
  Apply({Tiers(2, {"abc:a"})});
  Apply({AddedWith(1, {"abc:b"}), Tiers(2, {"abc:a"}), Told(3, updated)});
  EXPECT_EQ(Count("SELECT count(*) FROM customer WHERE version = 2 AND tiers = '{abc:a}'"), 1);
}

TEST_F(Customers, AnUnknownOneIsAskedForAndTheTicketLearnsByEvent) {
  LeadsKnow({"key_account:yes"});
  const pb::Ticket ticket = TicketOf(kAcme);
  EXPECT_THAT(ticket.customer_tiers(), IsEmpty());
  EXPECT_EQ(questions, 0) << "registration pays nothing";
  clock.Advance(Minutes(1));
  unknown->Run();
  EXPECT_THAT(Get(ticket.name()).customer_tiers(), ElementsAre("key_account:yes"));
  const Row row = Journal().back();
  EXPECT_EQ(row.type, "ticket.customer_tiers_changed");
  EXPECT_EQ(row.actor, "system:complaints");
  EXPECT_EQ(row.version, 2);
  EXPECT_EQ(row.occurred_at, clock.Now());
  EXPECT_THAT(row.event.ticket_customer_tiers_changed().customer_tiers(),
              ElementsAre("key_account:yes"));
  unknown->Run();
  EXPECT_EQ(questions, 1);
  EXPECT_EQ(Metric("answered"), "1");
}

TEST_F(Customers, WhatAnEventToldMeanwhileGoesBeforeTheAnswer) {
  LeadsKnow({"abc:old"});
  const pb::Ticket ticket = TicketOf(kAcme);
  Apply({Tiers(4, {"abc:new"})});
  unknown->Run();
  EXPECT_THAT(Get(ticket.name()).customer_tiers(), ElementsAre("abc:new"));
}

TEST_F(Customers, OneThatLeadsDoesNotKnowIsNotAskedForAgainSoon) {
  leads = [this](auto, auto&, auto*, Duration, auto&) {
    ++questions;
    return NotFound(kAcme);
  };
  const pb::Ticket ticket = TicketOf(kAcme, {"abc:c"});
  unknown->Run();
  TicketOf(kAcme);
  unknown->Run();
  EXPECT_EQ(questions, 1);
  EXPECT_EQ(Metric("missing"), "1");
  EXPECT_THAT(Get(ticket.name()).customer_tiers(), ElementsAre("abc:c")) << "as it was given";
}

TEST_F(Customers, WhileLeadsIsAwayNothingIsRefusedAndItIsAskedAgain) {
  const pb::Ticket ticket = TicketOf(kAcme);
  unknown->Run();
  EXPECT_EQ(Metric("failed"), "1");
  LeadsKnow({"abc:a"});
  unknown->Run();
  EXPECT_THAT(Get(ticket.name()).customer_tiers(), ElementsAre("abc:a"));
}

TEST_F(Customers, TheQueueIsBounded) {
  for (const char* customer : {"customers/a", "customers/b", "customers/c", "customers/a"}) {
    TicketOf(customer);
  }
  TicketOf("customers/a");
  EXPECT_EQ(Metric("dropped"), "2") << "a third customer, and a third ticket of one";
}

TEST_F(Customers, AClosedTicketStaysAsItIs) {
  LeadsKnow({"abc:a"});
  const pb::Ticket ticket = TicketOf(kAcme);
  pb::CancelTicketRequest cancel = For<pb::CancelTicketRequest>(ticket.name());
  cancel.set_cancel_reason("spam");
  Must(&ComplaintsApi::CancelTicket, cancel);
  unknown->Run();
  EXPECT_THAT(Get(ticket.name()).customer_tiers(), IsEmpty());
}

}  // namespace
}  // namespace steward::complaints
