#include "services/complaints/api/mapping.h"

#include <gtest/gtest.h>

#include <set>

#include "libs/rpc/validate.h"
#include "tests/unit/services/complaints/tickets.h"

namespace steward::complaints {
namespace {

TEST(Intake, NamesEveryFieldAtFault) {
  pb::RegisterTicketRequest request;
  pb::Ticket& ticket = *request.mutable_ticket();
  ticket.set_customer("members/x");
  ticket.set_owner("li");
  ticket.add_customer_tiers("gold");
  ticket.set_summary(std::string(201, 'x'));
  ticket.set_topic("two\nlines");
  request.add_past_facts()->set_type("ticket.resolved");
  const absl::Status status = FromProto(request).status();
  ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  std::set<std::string> fields;
  const std::optional<Refusal> refusal = RefusalOf(status);
  for (const FieldViolation& violation : refusal->fields) {
    fields.insert(violation.field);
  }
  EXPECT_EQ(fields,
            (std::set<std::string>{"ticket.kind", "ticket.channel", "ticket.customer",
                                   "ticket.owner", "ticket.customer_tiers", "ticket.summary",
                                   "ticket.topic", "past_facts[0].occurred_at"}));
}

TEST(Intake, IgnoresWhatIsOutputOnly) {
  pb::RegisterTicketRequest request;
  pb::Ticket& ticket = *request.mutable_ticket();
  ticket.set_kind("inquiry");
  ticket.set_channel("hotline");
  ticket.set_state(pb::Ticket::CLOSED);
  ticket.set_cancel_reason("spam");
  ticket.set_etag("\"9\"");
  ticket.add_holds()->set_cause("other");
  const auto intake = FromProto(request);
  ASSERT_TRUE(intake.ok()) << intake.status();
  EXPECT_EQ(intake->draft.state, State::kRecorded);
  EXPECT_TRUE(intake->draft.holds.empty());
  EXPECT_TRUE(intake->draft.cancel_reason.empty());
  EXPECT_FALSE(intake->occurred_at.has_value());
}

TEST(Names, OfTickets) {
  const std::string name = TicketName(Id(9));
  EXPECT_EQ(*ParseTicketName("name", name), Id(9));
  for (const char* bad :
       {"", "complaints/", "complaints/x", "tickets/00000000-0000-0000-0000-000000000009"}) {
    EXPECT_EQ(FieldOf(ParseTicketName("name", bad).status()), "name") << bad;
  }
}

TEST(States, HaveTheNumbersOfTheApi) {
  for (const State state : kStates) {
    EXPECT_EQ(pb::Ticket::State_Name(static_cast<pb::Ticket::State>(state)), NameOf(state));
  }
  EXPECT_EQ(pb::Ticket::State_descriptor()->value_count(), static_cast<int>(kStates.size()) + 1);
}

TEST(ListQuery, ReadsFilterAndOrder) {
  const auto query = ParseListQuery(
      "kind = \"complaint\" AND state != \"CLOSED\" AND owner != \"members/li\" AND occurred_at > "
      "\"2026-01-01T00:00:00Z\""
      " AND recorded_at <= \"2026-02-01T00:00:00Z\"",
      "occurred_at");
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->filter.equal.at("kind"), "complaint");
  EXPECT_EQ(query->filter.not_states, std::vector<State>{State::kClosed});
  EXPECT_EQ(query->filter.not_equal.at("owner"), std::vector<std::string>{"members/li"});
  EXPECT_EQ(query->filter.occurred_from, *ParseTime("2026-01-01T00:00:00.000001Z"));
  EXPECT_EQ(query->filter.recorded_to, *ParseTime("2026-02-01T00:00:00Z"));
  EXPECT_TRUE(query->order.by_occurred_at);
  EXPECT_TRUE(query->order.ascending);
}

TEST(ListQuery, TwoValuesOfOneFieldFindNothing) {
  EXPECT_TRUE(ParseListQuery("kind = a AND kind = b", "")->nothing);
  EXPECT_FALSE(ParseListQuery("kind = a AND kind = a", "")->nothing);
  EXPECT_TRUE(ParseListQuery("state = CLOSED AND state = RECORDED", "")->nothing);
}

TEST(ListQuery, RefusesWhatItDoesNotKnow) {
  for (const char* filter : {"summary = x", "kind > a", "state = OPEN", "occurred_at > yesterday",
                             "kind = a OR kind = b"}) {
    EXPECT_EQ(FieldOf(ParseListQuery(filter, "").status()), "filter") << filter;
  }
  EXPECT_EQ(FieldOf(ParseListQuery("", "severity").status()), "order_by");
}

}  // namespace
}  // namespace steward::complaints
