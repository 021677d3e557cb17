#include <gmock/gmock.h>

#include <set>

#include "tests/component/services/leads/opportunities_fixture.h"

namespace steward::leads {
namespace {

class OpportunityList : public OpportunitiesTest {
 protected:
  std::vector<std::string> Names(const std::string& filter, const std::string& order_by = "",
                                 int page_size = 0, const Caller& caller = {}) {
    v1::ListOpportunitiesRequest request;
    request.set_filter(filter);
    request.set_order_by(order_by);
    request.set_page_size(page_size);
    std::vector<std::string> names;
    do {
      const auto page = Must(&OpportunitiesApi::ListOpportunities, request, caller);
      for (const v1::Opportunity& opportunity : page.opportunities()) {
        names.push_back(opportunity.name());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
};

TEST_F(OpportunityList, PagesByFilterAndOrder) {
  std::vector<std::string> made;
  for (int i = 0; i < 7; ++i) {
    made.push_back(Create().name());
    clock.Advance(Seconds(i % 2));  // some at the same instant
  }
  Win(made[2]);
  Advance(made[3], "needs_analysis");
  const auto forward = Names("", "create_time", 2);
  EXPECT_EQ(std::set(forward.begin(), forward.end()).size(), 7u);
  auto backward = Names("", "", 3);
  std::reverse(backward.begin(), backward.end());
  EXPECT_EQ(forward, backward);
  EXPECT_EQ(Names("state = WON"), std::vector{made[2]});
  EXPECT_EQ(Names("state != WON").size(), 6u);
  EXPECT_EQ(Names("state != WON AND state != OPEN").size(), 0u);
  EXPECT_EQ(Names("stage = \"needs_analysis\""), std::vector{made[3]});
  EXPECT_EQ(Names("stage = a AND stage = b").size(), 0u);
  EXPECT_EQ(Names("owner = \"members/li\" AND team = \"teams/east\" AND customer = "
                  "\"customers/acme\" AND pipeline = \"pipelines/default\"")
                .size(),
            7u);
  EXPECT_EQ(Names("region != \"\" AND lead = \"\"").size(), 0u);
  EXPECT_EQ(Names("close_time >= \"2026-01-01T00:00:00Z\""), std::vector{made[2]});
  EXPECT_EQ(Names("close_time < \"2026-01-01T00:00:00Z\"").size(), 0u);
  EXPECT_EQ(Names("update_time > \"2020-01-01T00:00:00Z\"", "update_time desc", 3).size(), 7u);
  EXPECT_EQ(Names("", "", 0, Agent("members/other")).size(), 0u);
  EXPECT_EQ(Names("", "", 0, Agent("members/other", {"teams/east"})).size(), 7u);
  v1::ListOpportunitiesRequest request;
  request.set_filter("state = SOLD");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::ListOpportunities, request)), "filter");
  request.set_filter("");
  request.set_order_by("amount");
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::ListOpportunities, request)), "order_by");
}

}  // namespace
}  // namespace steward::leads
