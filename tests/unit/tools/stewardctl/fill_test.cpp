#include "tools/stewardctl/fill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "steward/complaints/v1/complaints_service.pb.h"
#include "steward/directory/v1/directory_service.pb.h"
#include "steward/leads/v1/campaigns.pb.h"
#include "steward/scoring/v1/measures_service.pb.h"
#include "steward/sla/v1/sla_service.pb.h"

namespace stewardctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr steward::Time kNow{1'772'438'400'000'000};  // 2026-03-02T08:00:00Z

TEST(SetField, Times) {
  steward::complaints::v1::AssignTicketRequest request;
  for (const auto& [text, expected] :
       std::vector<std::pair<std::string, steward::Time>>{{"now", kNow},
                                                          {"-10m", kNow - steward::Minutes(10)},
                                                          {"+2h", kNow + steward::Hours(2)},
                                                          {"2026-03-02T16:00:00+08:00", kNow}}) {
    ASSERT_TRUE(SetField("occurred_at", text, kNow, &request).ok()) << text;
    EXPECT_EQ(steward::rpc::FromProto(request.occurred_at()), expected) << text;
  }
  EXPECT_FALSE(SetField("occurred_at", "yesterday", kNow, &request).ok());
}

TEST(SetField, Days) {
  steward::scoring::v1::GetMeasureRequest request;
  ASSERT_TRUE(SetField("first_day", "2026-02-28", kNow, &request).ok());
  EXPECT_EQ(request.first_day().day(), 28);
  EXPECT_FALSE(SetField("first_day", "2026-02-30", kNow, &request).ok());
}

TEST(SetField, EnumsInAnyCaseWithOrWithoutPrefix) {
  steward::complaints::v1::GetTicketRequest get;
  ASSERT_TRUE(SetField("view", "full", kNow, &get).ok());
  EXPECT_EQ(get.view(), steward::complaints::v1::TICKET_VIEW_FULL);
  steward::sla::v1::ActivatePolicyRequest activate;
  ASSERT_TRUE(SetField("mode", "new-only", kNow, &activate).ok());
  EXPECT_EQ(activate.mode(), steward::sla::v1::NEW_ONLY);
  EXPECT_THAT(std::string(SetField("mode", "later", kNow, &activate).message()),
              HasSubstr("NEW_ONLY, PROSPECTIVE, RETROACTIVE"));
}

TEST(SetField, NumbersDurationsMapsAndLists) {
  steward::sla::v1::DeadlineQuery query;
  ASSERT_TRUE(SetField("target.working_days", "7", kNow, &query).ok());
  EXPECT_EQ(query.target().working_days(), 7);
  EXPECT_FALSE(SetField("target.working_days", "7x", kNow, &query).ok());
  ASSERT_TRUE(SetField("target.wall_clock", "48h", kNow, &query).ok());
  EXPECT_EQ(query.target().wall_clock().seconds(), 172800);
  ASSERT_TRUE(SetField("thresholds.share_percent", "50", kNow, &query).ok());
  ASSERT_TRUE(SetField("thresholds.share_percent", "80", kNow, &query).ok());
  EXPECT_EQ(query.thresholds_size(), 2);
  steward::directory::v1::CreateTeamRequest team;
  ASSERT_TRUE(SetField("team.display_names[zh-Hans]", "东区", kNow, &team).ok());
  EXPECT_EQ(team.team().display_names().at("zh-Hans"), "东区");
}

TEST(SetField, Amounts) {
  steward::leads::v1::Campaign campaign;
  for (const char* text : {"1234.50CNY", "1234.5 CNY"}) {
    ASSERT_TRUE(SetField("budget", text, kNow, &campaign).ok()) << text;
    EXPECT_EQ(campaign.budget().units(), 1234);
    EXPECT_EQ(campaign.budget().nanos(), 500'000'000);
  }
  for (const char* text : {"", "CNY", "12", "12cny", "12.345CNY", "x12CNY", "12XXY"}) {
    EXPECT_THAT(std::string(SetField("budget", text, kNow, &campaign).message()),
                HasSubstr("12345.60CNY"))
        << text;
  }
}

TEST(FillRequest, TakesCollectionsDefaultsAndFlags) {
  const std::vector<Arg> declared = {Positional("TICKET", "").Into("name").In("complaints"),
                                     Option("owner", "").In("members"),
                                     Option("reason", "").Else("because"), Option("etag", "")};
  Args given;
  given.Set("TICKET", {"0190d9a0-0000-7000-8000-000000000001"});
  given.Set("owner", {"members/a"});
  steward::complaints::v1::AssignTicketRequest request;
  ASSERT_TRUE(FillRequest(declared, given, kNow, &request).ok());
  EXPECT_EQ(request.name(), "complaints/0190d9a0-0000-7000-8000-000000000001");
  EXPECT_EQ(request.owner(), "members/a");
  EXPECT_EQ(request.reason(), "because");
  EXPECT_EQ(request.etag(), "");
}

TEST(FillRequest, AnUpdateTakesWhatWasGiven) {
  const std::vector<Arg> declared = {Positional("MEMBER", "").Into("member.name").In("members"),
                                     Option("name", "").Into("member.display_name"),
                                     OptionList("role", "").Into("member.roles.role").In("roles"),
                                     Option("email", "").Into("member.email"),
                                     OptionList("clear", "").Into("update_mask.paths"),
                                     Option("etag", "").Into("member.etag")};
  Args given;
  given.Set("MEMBER", {"a"});
  given.Set("name", {"New"});
  given.Set("role", {"x", "y"});
  given.Set("clear", {"mobile"});
  given.Set("etag", {"\"3\""});
  steward::directory::v1::UpdateMemberRequest request;
  ASSERT_TRUE(FillRequest(declared, given, kNow, &request).ok());
  EXPECT_THAT(request.update_mask().paths(),
              UnorderedElementsAre("display_name", "roles", "mobile"));
  ASSERT_EQ(request.member().roles_size(), 2);
  EXPECT_EQ(request.member().roles(1).role(), "roles/y");
  EXPECT_EQ(request.member().etag(), "\"3\"");
}

TEST(FillRequest, AValueThatDoesNotFitNamesItsOption) {
  Args given;
  given.Set("occurred-at", {"soon"});
  steward::complaints::v1::AssignTicketRequest request;
  const absl::Status status = FillRequest({Option("occurred-at", "")}, given, kNow, &request);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(steward::RefusalOf(status)->fields[0].field, "--occurred-at");
}

}  // namespace
}  // namespace stewardctl
