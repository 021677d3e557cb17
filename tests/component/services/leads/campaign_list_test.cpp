#include <gmock/gmock.h>

#include "tests/component/services/leads/campaigns_fixture.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

class CampaignList : public CampaignsTest {
 protected:
  void SetUp() override {
    Add("a", "trade_fair", kLi, "east", 10);
    Add("b", "livestream", kWang, "west", 5);
    Add("c", "offline_event", kLi, "west", 20);
    Add("d", "promotion", "", "", 1);
  }
  void Add(const std::string& title, const std::string& kind, const std::string& owner,
           const std::string& region, int days) {
    auto request = Plan();
    pb::Campaign& campaign = *request.mutable_campaign();
    campaign.set_title(title);
    campaign.set_kind(kind);
    campaign.set_owner(owner);
    campaign.set_team("");
    campaign.set_region(region);
    *campaign.mutable_planned_start_time() = rpc::ToProto(kStart + Hours(24 * days));
    *campaign.mutable_planned_end_time() = rpc::ToProto(kStart + Hours(24 * days + 8));
    names[title] = Must(&CampaignsApi::CreateCampaign, request).name();
    clock.Advance(Seconds(1));
  }
  std::string Titles(const std::string& filter, const std::string& order_by = "create_time",
                     int page_size = 0, const Caller& caller = {}) {
    pb::ListCampaignsRequest request;
    request.set_filter(filter);
    request.set_order_by(order_by);
    request.set_page_size(page_size);
    std::string titles;
    do {
      const auto page = Must(&CampaignsApi::ListCampaigns, request, caller);
      for (const pb::Campaign& campaign : page.campaigns()) {
        titles += campaign.title();
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return titles;
  }
  std::map<std::string, std::string> names;
};

TEST_F(CampaignList, Filters) {
  Must(&CampaignsApi::ApproveCampaign, For<pb::ApproveCampaignRequest>(names["b"]));
  EXPECT_EQ(Titles(""), "abcd");
  EXPECT_EQ(Titles("kind = \"trade_fair\""), "a");
  EXPECT_EQ(Titles("kind = \"offline_event\""), "ac") << "with the kinds below it";
  EXPECT_EQ(Titles("kind != \"offline_event\""), "bd");
  EXPECT_EQ(Titles("kind = \"offline_event\" AND kind = \"trade_fair\""), "a");
  EXPECT_EQ(Titles("kind = \"trade_fair\" AND kind = \"promotion\""), "");
  EXPECT_EQ(Titles("state = \"APPROVED\""), "b");
  EXPECT_EQ(Titles("state != \"APPROVED\" AND region = \"west\""), "c");
  EXPECT_EQ(Titles("state = \"APPROVED\" AND state = \"PLANNED\""), "");
  EXPECT_EQ(Titles("owner = \"members/li\""), "ac");
  EXPECT_EQ(Titles("team != \"teams/x\""), "abcd");
  EXPECT_EQ(Titles("planned_start_time < \"" + FormatTime(kStart + Hours(240)) + "\""), "bd");
  EXPECT_EQ(Titles("planned_end_time >= \"" + FormatTime(kStart + Hours(248)) + "\""), "ac");
  EXPECT_EQ(Titles("create_time > \"" + FormatTime(kStart + Seconds(1)) + "\""), "cd");
  pb::ListCampaignsRequest request;
  for (const char* wrong : {"state = \"OPEN\"", "title = \"a\"", "kind > \"a\""}) {
    request.set_filter(wrong);
    EXPECT_EQ(FieldOf(Refused(&CampaignsApi::ListCampaigns, request)), "filter") << wrong;
  }
  request.clear_filter();
  request.set_order_by("title");
  EXPECT_EQ(FieldOf(Refused(&CampaignsApi::ListCampaigns, request)), "order_by");
}

TEST_F(CampaignList, OrdersAndPages) {
  for (const int page_size : {0, 1, 2, 3}) {
    EXPECT_EQ(Titles("", "create_time", page_size), "abcd");
    EXPECT_EQ(Titles("", "create_time desc", page_size), "dcba");
    EXPECT_EQ(Titles("", "planned_start_time", page_size), "dbac");
    EXPECT_EQ(Titles("", "planned_start_time desc", page_size), "cabd");
  }
  pb::ListCampaignsRequest request;
  request.set_page_size(1);
  request.set_page_token(Must(&CampaignsApi::ListCampaigns, request).next_page_token());
  request.set_filter("region = \"east\"");
  EXPECT_EQ(ReasonOf(Refused(&CampaignsApi::ListCampaigns, request)), "PAGE_TOKEN_INVALID");
}

TEST_F(CampaignList, IsBoundedByReach) {
  EXPECT_EQ(Titles("", "create_time", 0, Agent(kLi)), "acd")
      << "what it owns, and what it planned and nobody owns";
  EXPECT_EQ(Titles("", "create_time", 0, Agent(kWang)), "b");
}

TEST_F(CampaignList, HistoryIsPagedByChange) {
  const std::string name = names["a"];
  pb::UpdateCampaignRequest update;
  update.mutable_campaign()->set_name(name);
  update.mutable_campaign()->set_title("aa");
  update.mutable_campaign()->set_region("north");
  update.mutable_campaign()->mutable_budget()->set_currency_code("CNY");
  Must(&CampaignsApi::UpdateCampaign, update);
  Must(&CampaignsApi::ApproveCampaign, For<pb::ApproveCampaignRequest>(name));
  for (const int page_size : {0, 1, 2}) {
    pb::ListCampaignHistoryRequest request;
    request.set_parent(name);
    request.set_page_size(page_size);
    std::vector<std::string> lines;
    do {
      const auto page = Must(&CampaignsApi::ListCampaignHistory, request);
      for (const pb::CampaignChange& change : page.changes()) {
        lines.push_back(std::to_string(change.version()) + " " + change.field() + " " +
                        change.from() + ">" + change.to());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_THAT(lines, ElementsAre("1  >", "2 title >", "2 region east>north",
                                   "3 budget 50,000.00 CNY>0.00 CNY", "4 state PLANNED>APPROVED"))
        << page_size;
  }
}

TEST_F(CampaignList, KindsAreATree) {
  const auto kinds = Must(&CampaignsApi::ListCampaignKinds, pb::ListCampaignKindsRequest());
  ASSERT_EQ(kinds.kinds_size(), static_cast<int>(DefaultCampaignKinds().size()));
  EXPECT_EQ(kinds.kinds(5).id() + " " + kinds.kinds(5).parent(), "trade_fair offline_event");
  EXPECT_EQ(kinds.kinds(5).display_names().at("zh-Hans"), "行业展会");
}

}  // namespace
}  // namespace steward::leads
