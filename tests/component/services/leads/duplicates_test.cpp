#include <gmock/gmock.h>

#include "tests/component/services/leads/fixture.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

class Duplicates : public LeadsTest {
 protected:
  pb::CreateCustomerRequest With(std::string id, std::string company, std::string phone = "",
                                 std::string email = "", std::string code = "") const {
    auto request = Draft(std::move(id), "Some name");
    pb::Customer& customer = *request.mutable_customer();
    customer.set_company_name(std::move(company));
    customer.set_credit_code(std::move(code));
    customer.add_contacts()->set_name("Li");
    customer.mutable_contacts(0)->set_phone(std::move(phone));
    customer.mutable_contacts(0)->set_email(std::move(email));
    return request;
  }
  // `id score kinds`, likeliest first.
  std::vector<std::string> Found(const pb::FindDuplicateCustomersRequest& request,
                                 const Caller& caller = {}) {
    std::vector<std::string> told;
    const auto found = Must(&LeadsApi::FindDuplicateCustomers, request, caller);
    for (const auto& each : found.candidates()) {
      std::string text = each.customer().name().substr(std::string("customers/").size()) + " " +
                         std::to_string(each.score());
      for (const auto& reason : each.reasons()) {
        text += " " + reason.kind();
      }
      told.push_back(std::move(text));
    }
    return told;
  }
  std::vector<std::string> FoundFor(const std::string& id, const Caller& caller = {}) {
    pb::FindDuplicateCustomersRequest request;
    request.set_customer("customers/" + id);
    return Found(request, caller);
  }
};

TEST_F(Duplicates, AreFoundByEachReason) {
  Create(With("self", "极致科技有限公司", "13800138000", "li@x.cn", "91110108551385082Q"));
  Create(With("by-name", "极致科技"));
  Create(With("by-phone", "甲", "+86 138 0013 8000"));
  Create(With("by-email", "乙", "", "LI@X.CN"));
  Create(With("by-code", "丙", "", "", "91110108551385082Q"));
  Create(With("by-two", "极致科技(有限公司)", "0086-138-0013-8000"));
  Create(With("none", "丁", "13900139000", "wang@x.cn", "9144030071526726XG"));
  EXPECT_THAT(FoundFor("self"),
              ElementsAre("by-code 95 credit_code", "by-two 88 phone company_name",
                          "by-email 70 email", "by-phone 70 phone", "by-name 60 company_name"));
  EXPECT_THAT(FoundFor("none"), ElementsAre());
}

TEST_F(Duplicates, AreFoundBeforeTheCustomerIsThere) {
  Create(With("there", "甲", "13800138000"));
  pb::FindDuplicateCustomersRequest request;
  request.mutable_draft()->add_contacts()->set_phone("138 0013 8000");
  EXPECT_THAT(Found(request), ElementsAre("there 70 phone"));
  request.mutable_draft()->set_credit_code("wrong");
  pb::FindDuplicateCustomersResponse response;
  EXPECT_EQ(FieldOf(Do(&LeadsApi::FindDuplicateCustomers, request, &response)),
            "draft.credit_code");
  request.set_customer("customers/there");
  EXPECT_EQ(FieldOf(Do(&LeadsApi::FindDuplicateCustomers, request, &response)), "customer");
  EXPECT_EQ(FieldOf(Do(&LeadsApi::FindDuplicateCustomers, pb::FindDuplicateCustomersRequest(),
                       &response)),
            "customer");
}

TEST_F(Duplicates, FollowUpdates) {
  Create(With("a", "甲", "13800138000"));
  Create(With("b", "乙", "13800138000"));
  pb::UpdateCustomerRequest update;
  update.mutable_customer()->set_name("customers/b");
  update.mutable_customer()->add_contacts()->set_name("Wang");
  update.mutable_update_mask()->add_paths("contacts");
  Must(&LeadsApi::UpdateCustomer, update);
  EXPECT_THAT(FoundFor("a"), ElementsAre());
}

TEST_F(Duplicates, OutOfReachAreNotListed) {
  auto mine = With("mine", "甲", "13800138000");
  mine.mutable_customer()->set_owner(kLi);
  Create(mine);
  auto other = With("other", "乙", "13800138000");
  other.mutable_customer()->set_owner(kWang);
  Create(other);
  EXPECT_THAT(FoundFor("mine", Agent(kLi)), ElementsAre());
  EXPECT_THAT(FoundFor("mine"), ElementsAre("other 70 phone"));
  pb::FindDuplicateCustomersRequest request;
  request.set_customer("customers/other");
  pb::FindDuplicateCustomersResponse response;
  EXPECT_EQ(Do(&LeadsApi::FindDuplicateCustomers, request, &response, Agent(kLi)).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(Duplicates, WhatManyShareIsNoReason) {
  for (int i = 0; i < 21; ++i) {
    Create(With("c-" + std::to_string(i), "Company " + std::to_string(i), "13800138000"));
  }
  EXPECT_EQ(FoundFor("c-0").size(), 20u);
  Create(With("one-more", "One more", "13800138000"));
  EXPECT_EQ(FoundFor("c-0").size(), 0u);
}

}  // namespace
}  // namespace steward::leads
