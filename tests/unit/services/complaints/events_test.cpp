#include "services/complaints/events/complaints_events.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/services/complaints/tickets.h"

namespace steward::complaints {
namespace {

TEST(Events, EveryMilestoneHasTheFieldOfItsName) {
  std::vector<std::string_view> all{kFirstResponded, kSolutionProposed, kResolved,
                                    kVerified,       kClosed,           kReopened};
  all.insert(all.end(), kExtraMilestones.begin(), kExtraMilestones.end());
  for (const std::string_view milestone : all) {
    const TicketEvent event{
        1, kNow,
        Reached{std::string(milestone), 2, State::kRecorded, State::kFirstResponded, true}};
    const auto proto = ToProto(event);
    EXPECT_EQ(eventing::EventName(proto), milestone);
  }
}

TEST(Events, NamesOfTheOthers) {
  const auto name = [](auto body) {
    return eventing::EventName(ToProto(TicketEvent{1, kNow, body}));
  };
  EXPECT_EQ(name(Registered{}), "ticket.registered");
  EXPECT_EQ(name(Assigned{}), "ticket.assigned");
  EXPECT_EQ(name(Transferred{}), "ticket.transferred");
  EXPECT_EQ(name(HoldChanged{true, "other", 1, false}), "ticket.held");
  EXPECT_EQ(name(HoldChanged{false, "other", 1, false}), "ticket.resumed");
  EXPECT_EQ(name(Cancelled{"spam", State::kRecorded}), "ticket.cancelled");
  EXPECT_EQ(name(SeverityChanged{}), "ticket.severity_changed");
  EXPECT_EQ(name(KindChanged{}), "ticket.kind_changed");
  EXPECT_EQ(name(NoteAdded{}), "ticket.note_added");
  EXPECT_EQ(eventing::EventName(ToProto(FoundRepeat{Id(1), kNow, {Id(2), kNow, kSameTopic}})),
            "repeat.detected");
}

TEST(Events, CarryWhatTheTicketIs) {
  TicketData draft = Draft("quality_complaint");
  draft.severity = "major";
  draft.external_id = "X-1";
  draft.customer = "customers/acme";
  draft.customer_tiers = {"abc:a"};
  draft.customer_version = 7;
  draft.region = "east";
  draft.owner = "members/li";
  const Ticket ticket = *Ticket::Register(Kinds(), draft, kAgent, kNow);
  const auto proto = ToProto(ticket.events().front());
  const auto& registered = proto.ticket_registered();
  EXPECT_EQ(registered.kind(), "quality_complaint");
  EXPECT_EQ(registered.kind_path_size(), 2);
  EXPECT_EQ(registered.severity(), "major");
  EXPECT_EQ(registered.channel(), "hotline");
  EXPECT_EQ(registered.external_id(), "X-1");
  EXPECT_EQ(registered.customer(), "customers/acme");
  EXPECT_EQ(registered.customer_tiers(0), "abc:a");
  EXPECT_EQ(registered.customer_version(), 7);
  EXPECT_EQ(registered.owner(), "members/li");
  EXPECT_EQ(registered.region(), "east");
}

TEST(Events, OfATicketHaveItsNameAndVersions) {
  Ticket ticket = NewTicket();
  ASSERT_TRUE(ticket.Reach(kFirstResponded, Now()).ok());
  SeededIdGenerator ids(7);
  const auto rows = ToJournal(ids, kNow, ticket.data().id, ticket.events());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].aggregate, TicketName(Id(1)));
  EXPECT_EQ(rows[0].aggregate_version, 1);
  EXPECT_EQ(rows[1].aggregate_version, 2);
  EXPECT_EQ(rows[1].type, kFirstResponded);
  EXPECT_EQ(rows[0].occurred_at, kNow - Hours(1));
  const auto repeat = ToJournal(ids, kNow, "customers/acme", 3,
                                FoundRepeat{Id(1), kNow, {Id(2), kNow, kSameTopic}});
  EXPECT_EQ(repeat.aggregate, "repeat/acme");
  EXPECT_EQ(repeat.aggregate_version, 3);
}

}  // namespace
}  // namespace steward::complaints
