#include "services/complaints/api/history.h"

#include <gtest/gtest.h>

#include "services/complaints/events/complaints_events.h"
#include "tests/unit/services/complaints/tickets.h"

namespace steward::complaints {
namespace {

std::vector<v1::TicketChange> ChangesOfBody(decltype(TicketEvent::body) body,
                                            std::string_view reason = "") {
  SeededIdGenerator ids(1);
  const auto row = ToJournal(ids, kNow, Id(1), {TicketEvent{4, kNow, std::move(body)}}).front();
  eventing::JournalRow journal{};
  journal.aggregate = row.aggregate;
  journal.aggregate_version = row.aggregate_version;
  journal.type = row.type;
  journal.occurred_at = row.occurred_at;
  journal.recorded_at = kNow + Seconds(1);
  journal.actor = kAgent;
  journal.payload = row.payload;
  return *ChangesOf(journal, reason);
}

TEST(History, SaysFromAndTo) {
  const auto owner = ChangesOfBody(Assigned{"members/a", "members/b"}, "on leave");
  ASSERT_EQ(owner.size(), 1u);
  EXPECT_EQ(owner[0].version(), 4);
  EXPECT_EQ(owner[0].type(), "ticket.assigned");
  EXPECT_EQ(owner[0].field(), "owner");
  EXPECT_EQ(owner[0].from(), "members/a");
  EXPECT_EQ(owner[0].to(), "members/b");
  EXPECT_EQ(owner[0].actor(), kAgent);
  EXPECT_EQ(owner[0].reason(), "on leave");
}

TEST(History, OfAMilestoneHasNoField) {
  const auto change =
      ChangesOfBody(Reached{std::string(kResolved), 1, State::kRecorded, State::kResolved, false})
          .at(0);
  EXPECT_EQ(change.type(), kResolved);
  EXPECT_EQ(change.field(), "");
  EXPECT_EQ(change.from(), "RECORDED");
  EXPECT_EQ(change.to(), "RESOLVED");
}

TEST(History, HasOneChangeForEachAttribute) {
  const auto moved = ChangesOfBody(Transferred{"", "teams/t", "members/a", "", "east", "east"});
  ASSERT_EQ(moved.size(), 2u);
  EXPECT_EQ(moved[0].field(), "team");
  EXPECT_EQ(moved[1].field(), "owner");
  const auto kind =
      ChangesOfBody(KindChanged{"inquiry", "complaint", {"complaint"}, "ordinary", "major"});
  ASSERT_EQ(kind.size(), 2u);
  EXPECT_EQ(kind[1].to(), "major");
}

TEST(History, OfAnUnreadableRowIsAnError) {
  eventing::JournalRow row{};
  row.payload = "\xff\xff";
  EXPECT_EQ(ChangesOf(row, "").status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace steward::complaints
