#include "services/leads/domain/customer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

constexpr Time kNow{1'780'000'000'000'000};

TierSchemes Schemes() {
  return *TierSchemes::Create(
      {{"abc", {}, {{"a", {}}, {"b", {}}}, ""}, {"key_account", {}, {{"yes", {}}}, ""}});
}

class CustomerTest : public ::testing::Test {
 protected:
  Customer Registered(TierSet tiers = {}) {
    CustomerData draft;
    draft.id = "acme";
    draft.facts = {"retail", "east", "members/li", "teams/east"};
    draft.tiers = std::move(tiers);
    return *Customer::Register(schemes, draft, "members/wang", kNow);
  }
  static TierDecision Decision(std::string scheme, std::string tier, Time now = kNow + Hours(1)) {
    return {std::move(scheme), std::move(tier), {}, "", {}, now};
  }

  const TierSchemes schemes = Schemes();
};

TEST_F(CustomerTest, BeginsAtVersionOne) {
  const Customer customer = Registered({{"abc", "a"}});
  EXPECT_EQ(customer.data().version, 1);
  EXPECT_EQ(customer.data().registered_by, "members/wang");
  EXPECT_EQ(customer.data().create_time, kNow);
  ASSERT_EQ(customer.events().size(), 1u);
  const auto& event = std::get<CustomerRegistered>(customer.events()[0].body);
  EXPECT_EQ(event.facts, customer.data().facts);
  EXPECT_THAT(ToTexts(event.tiers), ElementsAre("abc:a"));
}

TEST_F(CustomerTest, AnUnknownTierIsRefused) {
  CustomerData draft;
  draft.tiers = {{"abc", "z"}};
  EXPECT_EQ(ReasonOf(Customer::Register(schemes, draft, "x", kNow).status()), "FIELD_INVALID");
  Customer customer = Registered();
  EXPECT_EQ(ReasonOf(customer.SetTier(Decision("abc", "z"))), "FIELD_INVALID");
  EXPECT_EQ(ReasonOf(customer.SetTier(Decision("stars", "a"))), "FIELD_INVALID");
  EXPECT_EQ(customer.data().version, 1);
}

TEST_F(CustomerTest, AnUpdateSaysWhatChanged) {
  Customer customer = Registered();
  CustomerFacts facts = customer.data().facts;
  facts.owner = "members/zhao";
  ASSERT_TRUE(customer.Update(facts, {"contacts"}, kNow + Hours(1)));
  const auto& event = std::get<CustomerUpdated>(customer.events().back().body);
  EXPECT_THAT(event.changed_fields, ElementsAre("contacts", "owner"));
  EXPECT_EQ(event.from.owner, "members/li");
  EXPECT_EQ(event.to.owner, "members/zhao");
  EXPECT_EQ(customer.data().version, 2);
  EXPECT_EQ(customer.data().update_time, kNow + Hours(1));
}

TEST_F(CustomerTest, NothingChangedIsNoEvent) {
  Customer customer = Registered();
  EXPECT_FALSE(customer.Update(customer.data().facts, {}, kNow + Hours(1)));
  EXPECT_EQ(customer.events().size(), 1u);
  EXPECT_EQ(customer.data().update_time, kNow);
}

TEST_F(CustomerTest, HasATierInEachOfSeveralSchemes) {
  Customer customer = Registered();
  ASSERT_TRUE(customer.SetTier(Decision("abc", "b")).ok());
  ASSERT_TRUE(customer.SetTier(Decision("key_account", "yes")).ok());
  TierDecision better = Decision("abc", "a");
  better.rule = "annual-spend";
  better.last_change = kNow + Hours(1);
  ASSERT_TRUE(customer.SetTier(better).ok());
  EXPECT_THAT(ToTexts(customer.data().tiers), ElementsAre("abc:a", "key_account:yes"));
  const auto& event = std::get<CustomerTierChanged>(customer.events().back().body);
  EXPECT_EQ(event.from_tier, "b");
  EXPECT_EQ(event.tier, "a");
  EXPECT_EQ(event.rule, "annual-spend");
  EXPECT_EQ(event.effective_from, kNow + Hours(1));
  EXPECT_THAT(ToTexts(event.tiers), ElementsAre("abc:a", "key_account:yes"));
}

TEST_F(CustomerTest, TheSameTierAgainIsRefused) {
  Customer customer = Registered({{"abc", "a"}});
  EXPECT_EQ(ReasonOf(customer.SetTier(Decision("abc", "a"))), "NOTHING_TO_CHANGE");
  EXPECT_EQ(ReasonOf(customer.RemoveTier(Decision("key_account", ""))), "TIER_NOT_SET");
  EXPECT_EQ(ReasonOf(customer.RemoveTier(Decision("stars", ""))), "FIELD_INVALID");
  EXPECT_EQ(customer.data().version, 1);
}

TEST_F(CustomerTest, ATierIsTakenAway) {
  Customer customer = Registered({{"abc", "a"}});
  ASSERT_TRUE(customer.RemoveTier(Decision("abc", "")).ok());
  EXPECT_TRUE(customer.data().tiers.empty());
  const auto& event = std::get<CustomerTierChanged>(customer.events().back().body);
  EXPECT_EQ(event.from_tier, "a");
  EXPECT_EQ(event.tier, "");
  EXPECT_TRUE(event.tiers.empty());
}

// A scheme that the file no longer has can be left, not entered.
TEST_F(CustomerTest, ATierOfAVanishedSchemeCanBeTakenAway) {
  CustomerData stored;
  stored.tiers = {{"old", "gold"}};
  Customer customer(schemes, stored);
  EXPECT_TRUE(customer.RemoveTier(Decision("old", "")).ok());
  EXPECT_EQ(ReasonOf(customer.SetTier(Decision("old", "gold"))), "FIELD_INVALID");
}

TEST_F(CustomerTest, TimesOfOneSchemeAreInOrder) {
  Customer customer = Registered();
  TierDecision decision = Decision("abc", "a", kNow);
  decision.effective_from = kNow - Hours(24 * 365);
  EXPECT_TRUE(customer.SetTier(decision).ok()) << "the first one may lie back as far as it likes";
  decision.tier = "b";
  decision.last_change = kNow;
  decision.effective_from = kNow - Microseconds(1);
  EXPECT_EQ(ReasonOf(customer.SetTier(decision)), "FIELD_INVALID");
  decision.effective_from = kNow + kTierAhead + Microseconds(1);
  EXPECT_EQ(ReasonOf(customer.SetTier(decision)), "FIELD_INVALID");
  decision.effective_from = kNow + kTierAhead;
  EXPECT_TRUE(customer.SetTier(decision).ok());
  decision.tier = "a";
  decision.effective_from.reset();
  decision.last_change = kNow + kTierAhead;
  ASSERT_TRUE(customer.SetTier(decision).ok());
  EXPECT_EQ(std::get<CustomerTierChanged>(customer.events().back().body).effective_from,
            kNow + kTierAhead);
}

TEST(CustomerText, NamesTheFieldsThatDiffer) {
  CustomerText before, after;
  EXPECT_TRUE(ChangedFields(before, after).empty());
  after.display_name_zh = "甲";
  after.needs = "x";
  after.contacts = {{"Li", "", "", "", "", ""}};
  EXPECT_THAT(ChangedFields(before, after), ElementsAre("display_name_zh", "needs", "contacts"));
}

}  // namespace
}  // namespace steward::leads
