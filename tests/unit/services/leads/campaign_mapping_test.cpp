#include "services/leads/api/campaign_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/rpc/validate.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr Time kNow{1'780'000'000'000'000};

pb::Campaign Full() {
  pb::Campaign campaign;
  campaign.set_title("Fair");
  campaign.set_title_zh("展会");
  campaign.set_goal("Partners");
  campaign.set_description("A stand");
  campaign.set_kind("trade_fair");
  campaign.set_owner("members/li");
  campaign.set_team("teams/east");
  campaign.set_region("east");
  campaign.mutable_budget()->set_currency_code("CNY");
  campaign.mutable_budget()->set_units(5);
  *campaign.mutable_planned_start_time() = rpc::ToProto(kNow);
  *campaign.mutable_planned_end_time() = rpc::ToProto(kNow + Hours(8));
  return campaign;
}

TEST(CampaignMapping, WhatIsStoredComesBack) {
  const auto read = FromProto(Full());
  ASSERT_TRUE(read.ok()) << read.status();
  StoredCampaign stored = *read;
  stored.data.version = 3;
  pb::Campaign answered;
  ToProto(stored, &answered);
  EXPECT_EQ(answered.etag(), "\"3\"");
  const auto again = FromProto(answered);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->text, stored.text);
  stored.data.version = 0;
  EXPECT_EQ(again->data, stored.data);
}

TEST(CampaignMapping, NamesEveryFieldAtFault) {
  pb::Campaign campaign;
  campaign.set_owner("li");
  campaign.set_region("a\nb");
  campaign.set_goal(std::string(4001, 'x'));
  std::vector<std::string> fields;
  const Refusal refusal = *RefusalOf(FromProto(campaign).status());
  for (const FieldViolation& fault : refusal.fields) {
    fields.push_back(fault.field);
  }
  EXPECT_THAT(fields,
              UnorderedElementsAre("campaign.title", "campaign.goal", "campaign.owner",
                                   "campaign.region", "campaign.budget.currency_code",
                                   "campaign.planned_start_time", "campaign.planned_end_time"));
}

TEST(CampaignMapping, FiguresAreRoundedDown) {
  StoredCampaign stored = *FromProto(Full());
  stored.data.results = {Money{"CNY", 3}, Money{"CNY", 20}, 7, 1, {}};
  pb::Campaign shown;
  ToProto(stored, &shown);
  EXPECT_EQ(shown.figures().return_ratio(), "1:6.66");
  EXPECT_EQ(shown.figures().conversion(), "14.28%");
  stored.data.results.revenue = Money{"USD", 20};
  ToProto(stored, &shown);
  EXPECT_FALSE(shown.figures().has_return_basis_points());
  EXPECT_EQ(shown.figures().return_ratio(), "");
}

TEST(CampaignMapping, NamesTextsThatDiffer) {
  CampaignText from{"a", "b", "c", "d"}, to = from;
  EXPECT_TRUE(ChangedFields(from, to).empty());
  to.title_zh = "";
  to.description = "e";
  EXPECT_THAT(ChangedFields(from, to), ElementsAre("title_zh", "description"));
}

TEST(CampaignMapping, NamesAreChecked) {
  EXPECT_TRUE(ParseCampaignName("name", "campaigns/0190d9a0-0000-7000-8000-000000000001").ok());
  for (const char* wrong : {"", "campaigns/", "campaigns/x", "0190d9a0-0000-7000-8000-000000000001",
                            "leads/0190d9a0-0000-7000-8000-000000000001"}) {
    EXPECT_FALSE(ParseCampaignName("name", wrong).ok()) << wrong;
  }
}

TEST(CampaignMapping, AKindStandsForThoseBelowIt) {
  const auto query = ParseCampaignQuery(DefaultCampaignKinds(), "kind = \"offline_event\"", "");
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_THAT(
      query->filter.any_of.at("kind"),
      ElementsAre("offline_event", "product_launch", "experience_day", "trade_fair", "salon"));
}

}  // namespace
}  // namespace steward::leads
