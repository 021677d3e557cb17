#include "tests/component/services/orders/fixture.h"

#include "libs/rpc/values.h"
#include "services/orders/migrations.h"

namespace steward::orders {

OrdersTest::OrdersTest() : ServiceTest("orders", Migrations()), metrics(registry) {
  org = testing::OrgBuilder()
            .Team("teams/sales")
            .Team("teams/east", "teams/sales")
            .Member(kZhao, "", "roles/sales-director", "teams/sales", true)
            .Member(kWang, "members/zhao", "roles/sales-manager", "teams/east", true)
            .Member(kLi, kWang, "roles/sales-rep", "teams/east")
            .Build();
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &zone));
  std::get<1>(apis) = std::make_unique<ApprovalFlowsApi>(env, &tokens);
  std::get<0>(apis) = std::make_unique<ContractsApi>(ContractsDeps{.env = env,
                                                                   .time_rules = {},
                                                                   .zone = zone,
                                                                   .org = [this] { return org; },
                                                                   .tokens = &tokens,
                                                                   .metrics = &metrics});
}

pb::CreateContractRequest OrdersTest::Draft() const {
  pb::CreateContractRequest request;
  pb::Contract& contract = *request.mutable_contract();
  contract.set_customer("customers/acme");
  contract.set_owner(kLi);
  contract.set_region("east");
  rpc::ToProto(Money{"CNY", 90'000}, contract.mutable_amount());
  pb::PlanItem* item = contract.add_plan();
  item->mutable_after()->set_event(pb::PlanItem::SIGNED);
  rpc::ToProto(Money{"CNY", 30'000}, item->mutable_amount());
  item = contract.add_plan();
  item->mutable_after()->set_event(pb::PlanItem::DELIVERED);
  item->mutable_after()->set_days(30);
  rpc::ToProto(Money{"CNY", 30'000}, item->mutable_amount());
  item = contract.add_plan();
  rpc::ToProto(absl::CivilDay(2026, 12, 31), item->mutable_date());
  rpc::ToProto(Money{"CNY", 30'000}, item->mutable_amount());
  return request;
}

}  // namespace steward::orders
