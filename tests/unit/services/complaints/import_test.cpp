#include <gtest/gtest.h>

#include "tests/unit/services/complaints/tickets.h"

namespace steward::complaints {
namespace {

const TimeRules kRules;
constexpr char kImporter[] = "members/importer";

std::vector<PastFact> Closed() {
  const Time start = kNow - Hours(1);
  return {{"ticket.assigned", start + Minutes(1), "", "members/wang", ""},
          {std::string(kFirstResponded), start + Minutes(2), "", "", ""},
          {"ticket.held", start + Minutes(3), "waiting_customer", "", ""},
          {"ticket.resumed", start + Minutes(10), "waiting_customer", "", ""},
          {"ticket.transferred", start + Minutes(11), "", "members/zhao", "teams/after-sales"},
          {std::string(kResolved), start + Minutes(20), "", "", ""},
          {std::string(kVerified), start + Minutes(25), "", "", ""},
          {std::string(kClosed), start + Minutes(30), "", "", ""},
          {std::string(kReopened), start + Minutes(40), "", "", ""}};
}

TEST(Import, ReplaysFactsByTheSameTable) {
  Ticket ticket = NewTicket();
  ASSERT_TRUE(ticket.Import(Closed(), kImporter, kNow, kRules).ok());
  EXPECT_EQ(ticket.data().version, 10);
  EXPECT_EQ(ticket.data().state, State::kRecorded);
  EXPECT_EQ(ticket.data().cycle, 2);
  EXPECT_EQ(ticket.data().owner, "members/zhao");
  EXPECT_EQ(ticket.data().team, "teams/after-sales");
  EXPECT_TRUE(std::get<Reached>(ticket.events()[2].body).back_dated);
  EXPECT_EQ(ticket.data().milestones.front().actor, kImporter);
}

TEST(Import, NamesTheFactAtFault) {
  std::vector<PastFact> facts = Closed();
  facts.erase(facts.begin() + 6);  // not verified
  Ticket ticket = NewTicket();
  const absl::Status status = ticket.Import(facts, kImporter, kNow, kRules);
  EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION");
  EXPECT_EQ(MetadataOf(status, "fact"), "past_facts[6]");
  EXPECT_EQ(MetadataOf(status, "action"), "close");
}

TEST(Import, RefusesFactsOutOfOrderOrOfTheFuture) {
  std::vector<PastFact> facts = Closed();
  std::swap(facts[0].occurred_at, facts[1].occurred_at);
  Ticket ticket = NewTicket();
  EXPECT_EQ(FieldOf(ticket.Import(facts, kImporter, kNow, kRules)), "past_facts[1].occurred_at");
  Ticket early = NewTicket();
  EXPECT_EQ(FieldOf(early.Import({{std::string(kFirstResponded), kNow - Hours(2), "", "", ""}},
                                 kImporter, kNow, kRules)),
            "past_facts[0].occurred_at");
  Ticket late = NewTicket();
  EXPECT_EQ(FieldOf(late.Import({{std::string(kFirstResponded), kNow + Hours(2), "", "", ""}},
                                kImporter, kNow, kRules)),
            "past_facts[0].occurred_at");
}

TEST(Import, RefusesTypesThatAreNoFacts) {
  for (const char* type :
       {"ticket.registered", "ticket.cancelled", "ticket.note_added", "nonsense", ""}) {
    Ticket ticket = NewTicket();
    EXPECT_EQ(FieldOf(ticket.Import({{type, kNow, "", "", ""}}, kImporter, kNow, kRules)),
              "past_facts[0].type")
        << type;
  }
  Ticket ticket = NewTicket();
  EXPECT_EQ(
      FieldOf(ticket.Import({{"ticket.assigned", kNow, "", "", ""}}, kImporter, kNow, kRules)),
      "past_facts[0].owner");
}

}  // namespace
}  // namespace steward::complaints
