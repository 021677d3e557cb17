#include "services/leads/events/campaign_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/rpc/validate.h"
#include "services/leads/api/campaign_history.h"
#include "services/leads/domain/campaign.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

constexpr Time kNow{1'780'000'000'000'000};

Uuid IdOf(uint8_t n) {
  Uuid id;
  id.bytes[15] = n;
  return id;
}

TEST(CampaignEvents, EachActionHasItsName) {
  const std::pair<CampaignAction, const char*> names[] = {
      {CampaignAction::kApprove, "campaign.approved"},
      {CampaignAction::kRehearse, "campaign.rehearsed"},
      {CampaignAction::kStart, "campaign.started"},
      {CampaignAction::kEnd, "campaign.ended"},
      {CampaignAction::kSubmitRecap, "campaign.recap_submitted"},
      {CampaignAction::kArchive, "campaign.archived"},
      {CampaignAction::kCancel, "campaign.cancelled"}};
  for (const auto& [action, name] : names) {
    const auto rows =
        ToJournal(IdOf(1), {{4, IdOf(9), kNow,
                             CampaignMoved{action, CampaignState::kEnded,
                                           CampaignState::kRecapSubmitted, "files/secret", true}}});
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].type, name);
    EXPECT_EQ(rows[0].event_id, IdOf(9)) << "the domain's";
    EXPECT_EQ(rows[0].aggregate, CampaignName(IdOf(1)));
    EXPECT_EQ(rows[0].aggregate_version, 4);
    EXPECT_EQ(rows[0].payload.find("secret"), std::string::npos);
  }
}

TEST(CampaignEvents, CarryFacts) {
  const events::v1::LeadsEvent moved =
      ToProto({4, IdOf(9), kNow,
               CampaignMoved{CampaignAction::kEnd, CampaignState::kRunning, CampaignState::kEnded,
                             "", true}});
  EXPECT_EQ(moved.campaign_ended().from_state() + ">" + moved.campaign_ended().to_state(),
            "RUNNING>ENDED");
  EXPECT_TRUE(moved.campaign_ended().back_dated());
  const events::v1::LeadsEvent rescheduled =
      ToProto({2, IdOf(9), kNow,
               CampaignRescheduled{kNow, kNow + Hours(2), kNow + Hours(1), kNow + Hours(3)}});
  EXPECT_EQ(rpc::FromProto(rescheduled.campaign_rescheduled().planned_start_time()),
            kNow + Hours(1));
  EXPECT_EQ(rpc::FromProto(rescheduled.campaign_rescheduled().from_planned_end_time()),
            kNow + Hours(2));
  CampaignResults results;
  results.cost = Money{"JPY", 7};
  results.leads = 0;
  const events::v1::LeadsEvent recorded =
      ToProto({3, IdOf(9), kNow, CampaignResultsRecorded{results, "members/li", "", "east", kNow}});
  EXPECT_EQ(recorded.campaign_results_recorded().cost().units(), 7);
  EXPECT_FALSE(recorded.campaign_results_recorded().has_revenue());
  EXPECT_TRUE(recorded.campaign_results_recorded().has_leads()) << "none is known, not unknown";
  EXPECT_FALSE(recorded.campaign_results_recorded().has_new_customers());
  const events::v1::LeadsEvent updated = ToProto(
      {3, IdOf(9), kNow,
       CampaignUpdated{{"title", "owner"}, {"members/li", "", ""}, {"members/wang", "", ""}}});
  EXPECT_THAT(updated.campaign_updated().changed_fields(), ElementsAre("title", "owner"));
  EXPECT_EQ(updated.campaign_updated().owner(), "members/wang");
}

TEST(CampaignHistory, TellsFactsAndNamesTheRest) {
  eventing::JournalRow row{};
  row.aggregate = "campaigns/x";
  row.aggregate_version = 3;
  CampaignResults results;
  results.revenue = Money{"CNY", 1234567};
  results.leads = 8;
  row.payload = ToProto({3, IdOf(9), kNow, CampaignResultsRecorded{results, "", "", "", {}}})
                    .SerializeAsString();
  auto changes = CampaignChangesOf(row, "why");
  ASSERT_EQ(changes->size(), 2u);
  EXPECT_EQ((*changes)[0].field() + " " + (*changes)[0].to(), "results.revenue 12,345.67 CNY");
  EXPECT_EQ((*changes)[1].field() + " " + (*changes)[1].to(), "results.leads 8");
  EXPECT_EQ((*changes)[1].reason(), "why");
  row.payload = "\xff";
  EXPECT_EQ(CampaignChangesOf(row, "").status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace steward::leads
