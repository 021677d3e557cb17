#include "tests/component/services/leads/opportunities_fixture.h"

#include "services/leads/migrations.h"

namespace steward::leads {

OpportunitiesTest::OpportunitiesTest()
    : ServiceTest("leads", Migrations()), schemes(*LoadTierSchemes("")), metrics(registry) {
  org = testing::OrgBuilder().Team("teams/east").Member(kLi, "", "", "teams/east").Build();
  std::get<0>(apis) =
      std::make_unique<OpportunitiesApi>(OpportunitiesDeps{.env = env,
                                                           .time_rules = {},
                                                           .tokens = &tokens,
                                                           .pipelines = &pipelines,
                                                           .org = [this] { return org; },
                                                           .metrics = &metrics});
  std::get<1>(apis) =
      std::make_unique<LeadsApi>(ApiDeps{.env = env, .rules = {&schemes, "CN"}, .tokens = &tokens});
  v1::CreateCustomerRequest customer;
  customer.set_customer_id("acme");
  customer.mutable_customer()->set_display_name("Acme");
  Must(&LeadsApi::CreateCustomer, customer);
}

v1::CreateOpportunityRequest OpportunitiesTest::Draft() const {
  v1::CreateOpportunityRequest request;
  v1::Opportunity& opportunity = *request.mutable_opportunity();
  opportunity.set_customer("customers/acme");
  opportunity.set_owner(kLi);
  SetAmount(100'00, opportunity.mutable_amount());
  for (const char* code : {"source", "needs_record", "proposal", "quotation", "signed_contract"}) {
    AddEvidence(code, opportunity.mutable_evidence());
  }
  return request;
}

v1::Opportunity OpportunitiesTest::Advance(const std::string& name, const std::string& stage) {
  auto request = For<v1::AdvanceOpportunityRequest>(name);
  request.set_stage(stage);
  return Must(&OpportunitiesApi::AdvanceOpportunity, request);
}

v1::Opportunity OpportunitiesTest::Win(const std::string& name) {
  for (const char* stage : {"needs_analysis", "proposal", "negotiation"}) {
    Advance(name, stage);
  }
  return Must(&OpportunitiesApi::WinOpportunity, For<v1::WinOpportunityRequest>(name));
}

void SetAmount(int64_t fen, google::type::Money* out) { rpc::ToProto(Money{"CNY", fen}, out); }

void AddEvidence(const std::string& code,
                 google::protobuf::RepeatedPtrField<v1::Evidence>* evidence) {
  v1::Evidence& added = *evidence->Add();
  added.set_code(code);
  added.set_reference("files/" + code);
}

}  // namespace steward::leads
