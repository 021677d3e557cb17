#include <gmock/gmock.h>

#include "tests/component/services/leads/fixture.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

class List : public LeadsTest {
 protected:
  void SetUp() override {
    Add("a", "retail", "east", kLi, {"abc:a"});
    Add("b", "retail", "west", kWang, {"abc:b", "key_account:yes"});
    Add("c", "bank", "east", kLi, {"abc:a", "key_account:yes"});
    Add("d", "", "", "", {});
  }
  void Add(const std::string& id, const std::string& industry, const std::string& region,
           const std::string& owner, const std::vector<std::string>& tiers) {
    auto request = Draft(id);
    request.mutable_customer()->set_industry(industry);
    request.mutable_customer()->set_region(region);
    request.mutable_customer()->set_owner(owner);
    request.mutable_customer()->mutable_tiers()->Assign(tiers.begin(), tiers.end());
    Create(request);
    clock.Advance(Seconds(1));
  }
  std::string Ids(const std::string& filter, const std::string& order_by = "create_time",
                  int page_size = 0) {
    pb::ListCustomersRequest request;
    request.set_filter(filter);
    request.set_order_by(order_by);
    request.set_page_size(page_size);
    std::string ids;
    do {
      const auto page = Must(&LeadsApi::ListCustomers, request);
      for (const pb::Customer& customer : page.customers()) {
        ids += customer.name().substr(std::string("customers/").size());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }
};

TEST_F(List, Filters) {
  EXPECT_EQ(Ids(""), "abcd");
  EXPECT_EQ(Ids("industry = \"retail\""), "ab");
  EXPECT_EQ(Ids("industry != \"retail\""), "cd");
  EXPECT_EQ(Ids("industry = \"retail\" AND region = \"west\""), "b");
  EXPECT_EQ(Ids("owner = \"members/li\""), "ac");
  EXPECT_EQ(Ids("tier = \"abc:a\""), "ac");
  EXPECT_EQ(Ids("tier = \"abc:a\" AND tier = \"key_account:yes\""), "c");
  EXPECT_EQ(Ids("tier != \"key_account:yes\""), "ad");
  EXPECT_EQ(Ids("region = \"east\" AND region = \"west\""), "");
  EXPECT_EQ(Ids("create_time > \"" + FormatTime(kStart + Seconds(1)) + "\""), "cd");
  EXPECT_EQ(Ids("create_time <= \"" + FormatTime(kStart + Seconds(1)) + "\""), "ab");
}

TEST_F(List, OrdersAndPages) {
  pb::UpdateCustomerRequest update;
  update.mutable_customer()->set_name("customers/b");
  update.mutable_customer()->set_needs("x");
  Must(&LeadsApi::UpdateCustomer, update);
  for (const int page_size : {0, 1, 2, 3}) {
    EXPECT_EQ(Ids("", "create_time", page_size), "abcd");
    EXPECT_EQ(Ids("", "create_time desc", page_size), "dcba");
    EXPECT_EQ(Ids("", "update_time", page_size), "acdb");
    EXPECT_EQ(Ids("", "update_time desc", page_size), "bdca");
  }
}

TEST_F(List, ATokenBelongsToItsQuery) {
  pb::ListCustomersRequest request;
  request.set_page_size(1);
  const std::string token = Must(&LeadsApi::ListCustomers, request).next_page_token();
  request.set_page_token(token);
  request.set_filter("region = \"east\"");
  pb::ListCustomersResponse response;
  EXPECT_EQ(ReasonOf(Do(&LeadsApi::ListCustomers, request, &response)), "PAGE_TOKEN_INVALID");
}

TEST_F(List, IsBoundedByReach) {
  const auto seen = [&](const Caller& caller) {
    std::string ids;
    const auto page = Must(&LeadsApi::ListCustomers, pb::ListCustomersRequest(), caller);
    for (const auto& customer : page.customers()) {
      ids += customer.name().substr(std::string("customers/").size());
    }
    return ids;
  };
  EXPECT_EQ(seen(Agent(kLi)), "dca") << "what it owns, and what it registered and nobody owns";
  EXPECT_EQ(seen(Agent(kWang)), "b");
}

}  // namespace
}  // namespace steward::leads
