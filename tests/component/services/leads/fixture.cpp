#include "tests/component/services/leads/fixture.h"

#include "services/leads/migrations.h"

namespace steward::leads {

LeadsTest::LeadsTest()
    : ServiceTest("leads", Migrations()),
      schemes(*LoadTierSchemes("")),
      metrics(std::make_unique<Metrics>(schemes, registry)) {
  std::get<std::unique_ptr<LeadsApi>>(apis) = std::make_unique<LeadsApi>(
      ApiDeps{.env = env, .rules = {&schemes, "CN"}, .tokens = &tokens, .metrics = metrics.get()});
}

pb::CreateCustomerRequest LeadsTest::Draft(std::string id, std::string name) const {
  pb::CreateCustomerRequest request;
  request.set_customer_id(std::move(id));
  request.mutable_customer()->set_display_name(std::move(name));
  return request;
}

pb::Customer LeadsTest::Create(const pb::CreateCustomerRequest& request, const Caller& caller) {
  return Must(&LeadsApi::CreateCustomer, request, caller);
}

pb::Customer LeadsTest::Get(const std::string& name, const Caller& caller) {
  return Must(&LeadsApi::GetCustomer, For<pb::GetCustomerRequest>(name), caller);
}

}  // namespace steward::leads
