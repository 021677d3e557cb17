#include "services/leads/events/leads_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/rpc/validate.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

constexpr Time kNow{1'780'000'000'000'000};

TEST(LeadsEvents, CarryFacts) {
  const CustomerFacts before{"retail", "east", "members/li", "teams/east"};
  CustomerFacts after = before;
  after.region = "west";
  SeededIdGenerator ids(1);
  const auto rows = ToJournal(
      ids, kNow, "acme",
      {{1, kNow, CustomerRegistered{before, {{"abc", "b"}}}},
       {2, kNow, CustomerUpdated{{"needs", "region"}, before, after}},
       {3, kNow, CustomerTierChanged{"abc", "b", "a", kNow - Hours(1), "spend", {{"abc", "a"}}}}});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].aggregate, "customers/acme");
  EXPECT_EQ(rows[0].type, "customer.registered");
  EXPECT_EQ(rows[1].type, "customer.updated");
  EXPECT_EQ(rows[2].type, "customer.tier_changed");
  EXPECT_EQ(rows[2].aggregate_version, 3);
  events::v1::LeadsEvent event;
  ASSERT_TRUE(event.ParseFromString(rows[0].payload));
  EXPECT_EQ(event.customer_registered().owner(), "members/li");
  EXPECT_THAT(event.customer_registered().tiers(), ElementsAre("abc:b"));
  ASSERT_TRUE(event.ParseFromString(rows[1].payload));
  EXPECT_THAT(event.customer_updated().changed_fields(), ElementsAre("needs", "region"));
  EXPECT_EQ(event.customer_updated().from_region(), "east");
  EXPECT_EQ(event.customer_updated().region(), "west");
  ASSERT_TRUE(event.ParseFromString(rows[2].payload));
  const auto& changed = event.customer_tier_changed();
  EXPECT_EQ(changed.customer(), "customers/acme");
  EXPECT_EQ(changed.scheme() + changed.from_tier() + changed.tier() + changed.rule(), "abcbaspend");
  EXPECT_EQ(rpc::FromProto(changed.effective_from()), kNow - Hours(1));
  EXPECT_THAT(changed.tiers(), ElementsAre("abc:a"));
}

}  // namespace
}  // namespace steward::leads
