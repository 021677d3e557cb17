// Lists of contracts: filters, orders, pages, reach.

#include <gmock/gmock.h>

#include "tests/component/services/orders/fixture.h"

namespace steward::orders {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ContractList : public OrdersTest {
 protected:
  void SetUp() override {
    for (const char* region : {"east", "west", "north"}) {
      pb::CreateContractRequest request = Draft();
      request.mutable_contract()->set_region(region);
      request.mutable_contract()->set_owner(std::string(region) == "west" ? kZhao : kLi);
      names[region] = Create(request).name();
      regions[names[region]] = region;
      clock.Advance(Minutes(1));
    }
  }
  std::vector<std::string> List(const std::string& filter, const std::string& order = "",
                                const Caller& caller = {}, int page_size = 0) {
    std::vector<std::string> found;
    pb::ListContractsRequest request;
    request.set_filter(filter);
    request.set_order_by(order);
    request.set_page_size(page_size);
    do {
      const auto page = Must(&ContractsApi::ListContracts, request, caller);
      for (const pb::Contract& contract : page.contracts()) {
        found.push_back(regions[contract.name()]);
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return found;
  }
  std::string FaultOf(const std::string& filter, const std::string& order = "") {
    pb::ListContractsRequest request;
    request.set_filter(filter);
    request.set_order_by(order);
    return FieldOf(Refused(&ContractsApi::ListContracts, request));
  }
  std::map<std::string, std::string> names, regions;
};

TEST_F(ContractList, FiltersAndOrders) {
  EXPECT_THAT(List(""), ElementsAre("north", "west", "east"));
  EXPECT_THAT(List("", "draft_time", {}, 1), ElementsAre("east", "west", "north"));
  EXPECT_THAT(List("region != west"), ElementsAre("north", "east"));
  EXPECT_THAT(List("region = west AND region = east"), IsEmpty());
  EXPECT_THAT(List("owner = members/zhao"), ElementsAre("west"));
  EXPECT_THAT(List("team = teams/east"), ElementsAre("north", "east"));
  EXPECT_THAT(List("customer = customers/acme AND draft_time > 2026-05-28T20:27:00Z"),
              ElementsAre("north", "west"));
  Submit(names["east"]);
  EXPECT_THAT(List("state = UNDER_APPROVAL"), ElementsAre("east"));
  EXPECT_THAT(List("state != DRAFT"), ElementsAre("east"));
  EXPECT_THAT(List("waiting_for = members/wang"), ElementsAre("east"));
  EXPECT_THAT(List("", "update_time desc"), ElementsAre("east", "north", "west"));
}

TEST_F(ContractList, ReachIsInTheStatement) {
  EXPECT_THAT(List("", "", Agent(kZhao)), ElementsAre("west"));
  EXPECT_THAT(List("", "", Agent("members/else", {"teams/east"})), ElementsAre("north", "east"));
  EXPECT_THAT(List("", "", Agent("members/else")), IsEmpty());
}

TEST_F(ContractList, FaultsAreNamed) {
  EXPECT_EQ(FaultOf("state = SOMEWHERE"), "filter");
  EXPECT_EQ(FaultOf("colour = red"), "filter");
  EXPECT_EQ(FaultOf("", "amount"), "order_by");
}

}  // namespace
}  // namespace steward::orders
