#include "services/leads/api/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "services/leads/schemes.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class MappingTest : public ::testing::Test {
 protected:
  std::vector<std::string> FaultsOf(const pb::Customer& customer, Use use = Use::kStore) {
    const auto read = FromProto(rules, customer, "customer", use);
    std::vector<std::string> fields;
    if (!read.ok()) {
      const Refusal refusal = *RefusalOf(read.status());
      for (const FieldViolation& fault : refusal.fields) {
        fields.push_back(fault.field);
      }
    }
    return fields;
  }
  static pb::Customer Full() {
    pb::Customer customer;
    customer.set_display_name("Acme");
    customer.set_display_name_zh("极致");
    customer.set_company_name("极致科技有限公司");
    customer.set_credit_code("91110108551385082Q");
    customer.set_website("https://acme.example");
    customer.set_industry("retail");
    customer.set_region("east");
    customer.set_owner("members/li");
    customer.set_team("teams/east");
    customer.set_needs("Kiosks\nand screens");
    customer.set_preferences("WeChat");
    pb::Contact& contact = *customer.add_contacts();
    contact.set_name("王小姐");
    contact.set_title("Buyer");
    contact.set_decision_role("decision_maker");
    contact.set_phone("138 0013 8000");
    contact.set_email("Wang@Acme.Example");
    return customer;
  }

  const TierSchemes schemes = *LoadTierSchemes("");
  const Rules rules{&schemes, "CN"};
};

TEST_F(MappingTest, WhatIsStoredComesBack) {
  const auto read = FromProto(rules, Full(), "customer");
  ASSERT_TRUE(read.ok()) << read.status();
  StoredCustomer stored = *read;
  stored.data.id = "acme";
  stored.data.version = 3;
  stored.data.tiers = {{"abc", "a"}};
  pb::Customer answered;
  ToProto(stored, &answered);
  EXPECT_EQ(answered.name(), "customers/acme");
  EXPECT_EQ(answered.etag(), "\"3\"");
  EXPECT_THAT(answered.tiers(), ElementsAre("abc:a"));
  EXPECT_EQ(answered.contacts(0).phone(), "138 0013 8000") << "as it was written";
  EXPECT_EQ(answered.contacts(0).phone_e164(), "+8613800138000");
  const auto again = FromProto(rules, answered, "customer");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->text, stored.text);
  EXPECT_EQ(again->data.facts, stored.data.facts);
}

TEST_F(MappingTest, NamesEveryFieldAtFault) {
  pb::Customer customer;
  EXPECT_THAT(FaultsOf(customer), ElementsAre("customer.display_name"));
  EXPECT_TRUE(FaultsOf(customer, Use::kCompare).empty());
  customer.set_credit_code("91110108551385082R");
  customer.set_website("acme.example");
  customer.set_industry("a\nb");
  customer.set_region(std::string(65, 'r'));
  customer.set_owner("li");
  customer.set_team("members/li");
  pb::Contact& contact = *customer.add_contacts();
  contact.set_phone("12");
  contact.set_email("nobody");
  EXPECT_THAT(FaultsOf(customer),
              UnorderedElementsAre("customer.display_name", "customer.credit_code",
                                   "customer.website", "customer.industry", "customer.region",
                                   "customer.owner", "customer.team", "customer.contacts[0].name",
                                   "customer.contacts[0].phone", "customer.contacts[0].email"));
}

TEST_F(MappingTest, BoundsContacts) {
  pb::Customer customer = Full();
  for (int i = 0; i < 50; ++i) {
    *customer.add_contacts() = customer.contacts(0);
  }
  EXPECT_THAT(FaultsOf(customer), ElementsAre("customer.contacts"));
}

TEST_F(MappingTest, TiersAreKnownOnes) {
  pb::Customer customer;
  customer.add_tiers("abc:a");
  customer.add_tiers("key_account:yes");
  EXPECT_EQ(NewTiers(rules, customer, "customer")->size(), 2u);
  customer.add_tiers("abc:b");
  EXPECT_EQ(RefusalOf(NewTiers(rules, customer, "requests[2].customer").status())->fields[0].field,
            "requests[2].customer.tiers");
  customer.mutable_tiers()->Clear();
  customer.add_tiers("abc:z");
  EXPECT_FALSE(NewTiers(rules, customer, "customer").ok());
}

TEST_F(MappingTest, KeysAreInTheirForm) {
  const auto keys = KeysOf(FromProto(rules, Full(), "customer")->text);
  EXPECT_THAT(keys, ElementsAre(MatchKey{MatchKind::kCreditCode, "91110108551385082Q"},
                                MatchKey{MatchKind::kPhone, "+8613800138000"},
                                MatchKey{MatchKind::kEmail, "wang@acme.example"},
                                MatchKey{MatchKind::kCompanyName, "极致科技"}));
  pb::Customer person;
  person.set_display_name("Acme Ltd.");
  person.set_display_name_zh("极致公司");
  EXPECT_THAT(KeysOf(FromProto(rules, person, "customer")->text),
              ElementsAre(MatchKey{MatchKind::kCompanyName, "acme"},
                          MatchKey{MatchKind::kCompanyName, "极致"}));
}

TEST_F(MappingTest, ReadsFilters) {
  const auto query = ParseListQuery(
      R"(region = "east" AND owner != "members/li" AND tier = "abc:a" AND tier != "key_account:yes")"
      R"( AND create_time > "2026-01-01T00:00:00Z")",
      "update_time");
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->filter.equal.at("region"), "east");
  EXPECT_THAT(query->filter.not_equal.at("owner"), ElementsAre("members/li"));
  EXPECT_THAT(query->filter.tiers, ElementsAre("abc:a"));
  EXPECT_THAT(query->filter.not_tiers, ElementsAre("key_account:yes"));
  EXPECT_EQ(query->filter.created_from, *ParseTime("2026-01-01T00:00:00.000001Z"));
  EXPECT_TRUE(query->order.by_update_time && query->order.ascending);
  EXPECT_TRUE(ParseListQuery(R"(team = "a" AND team = "b")", "")->nothing);
  for (const char* wrong : {"needs = \"x\"", "tier > \"abc:a\"", "create_time = \"x\"",
                            "update_time > \"yesterday\"", "display_name = \"x\""}) {
    EXPECT_EQ(ReasonOf(ParseListQuery(wrong, "").status()), "FIELD_INVALID") << wrong;
  }
  EXPECT_EQ(ReasonOf(ParseListQuery("", "name").status()), "FIELD_INVALID");
}

TEST_F(MappingTest, NamesAreChecked) {
  EXPECT_EQ(*ParseCustomerName("name", "customers/acme-1"), "acme-1");
  for (const char* wrong :
       {"", "customers/", "acme", "customers/A", "customers/a/b", "members/a"}) {
    EXPECT_FALSE(ParseCustomerName("name", wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace steward::leads
