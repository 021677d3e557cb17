#include "services/leads/api/history.h"

#include <gtest/gtest.h>

#include "services/leads/events/leads_events.h"

namespace steward::leads {
namespace {

eventing::JournalRow RowOf(const events::v1::LeadsEvent& event) {
  eventing::JournalRow row{};
  row.aggregate = "customers/acme";
  row.aggregate_version = 7;
  row.type = eventing::EventName(event);
  row.actor = "members/li";
  row.payload = event.SerializeAsString();
  return row;
}

TEST(CustomerHistory, TellsFactsAndNamesTheRest) {
  events::v1::LeadsEvent event;
  auto& updated = *event.mutable_customer_updated();
  updated.add_changed_fields("contacts");
  updated.add_changed_fields("owner");
  updated.set_from_owner("members/li");
  updated.set_owner("members/wang");
  const auto changes = ChangesOf(RowOf(event));
  ASSERT_EQ(changes->size(), 2u);
  EXPECT_EQ((*changes)[0].field(), "contacts");
  EXPECT_EQ((*changes)[0].from() + (*changes)[0].to(), "");
  EXPECT_EQ((*changes)[1].field(), "owner");
  EXPECT_EQ((*changes)[1].from(), "members/li");
  EXPECT_EQ((*changes)[1].to(), "members/wang");
  EXPECT_EQ((*changes)[1].version(), 7);
}

TEST(CustomerHistory, TellsTiers) {
  events::v1::LeadsEvent event;
  event.mutable_customer_tier_changed()->set_scheme("abc");
  event.mutable_customer_tier_changed()->set_from_tier("a");
  const auto changes = ChangesOf(RowOf(event));
  ASSERT_EQ(changes->size(), 1u);
  EXPECT_EQ((*changes)[0].field(), "tiers");
  EXPECT_EQ((*changes)[0].from(), "abc:a");
  EXPECT_EQ((*changes)[0].to(), "");
}

TEST(CustomerHistory, ARegistrationHasNoField) {
  events::v1::LeadsEvent event;
  event.mutable_customer_registered();
  const auto changes = ChangesOf(RowOf(event));
  ASSERT_EQ(changes->size(), 1u);
  EXPECT_EQ((*changes)[0].field(), "");
  EXPECT_EQ((*changes)[0].type(), "customer.registered");
}

TEST(CustomerHistory, ABrokenRowIsInternal) {
  eventing::JournalRow row{};
  row.payload = "\xff";
  EXPECT_EQ(ChangesOf(row).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace steward::leads
