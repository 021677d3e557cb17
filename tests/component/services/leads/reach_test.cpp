#include "google/rpc/status.pb.h"
#include "libs/rpc/client.h"
#include "tests/component/services/leads/fixture.h"

namespace steward::leads {
namespace {

constexpr char kMissing[] = "customers/missing";

// Every method that names a customer answers the same bytes for one out of reach and for one that is not there.
class NotThere : public LeadsTest {
 protected:
  void SetUp() override {
    auto request = Draft("foreign");
    request.mutable_customer()->set_owner(kWang);
    request.mutable_customer()->set_team("teams/west");
    Create(request);
  }
  template <class Request, class Response>
  void ExpectSame(absl::Status (LeadsApi::*method)(const rpc::Call&, const Request&, Response*),
                  const std::function<Request(const std::string&)>& make) {
    const std::string foreign = "customers/foreign";
    std::string there = Answer<Request, Response>(method, make(foreign));
    size_t renamed = 0;
    for (size_t at = there.find(foreign); at != std::string::npos; at = there.find(foreign)) {
      there.replace(at, foreign.size(), kMissing);
      ++renamed;
    }
    EXPECT_GT(renamed, 0u);
    EXPECT_EQ(there, (Answer<Request, Response>(method, make(kMissing))))
        << Request::descriptor()->name();
  }

 private:
  template <class Request, class Response>
  std::string Answer(absl::Status (LeadsApi::*method)(const rpc::Call&, const Request&, Response*),
                     const Request& request) {
    Response response;
    const absl::Status status = Do(method, request, &response, Agent(kLi, {"teams/east"}));
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound)
        << Request::descriptor()->name() << " " << status;
    EXPECT_EQ(response.ByteSizeLong(), 0u);
    google::rpc::Status details;
    EXPECT_TRUE(details.ParseFromString(rpc::ToWire(status, "leads").details));
    return details.DebugString();
  }
};

TEST_F(NotThere, ForEveryMethod) {
  ExpectSame<pb::GetCustomerRequest, pb::Customer>(
      &LeadsApi::GetCustomer,
      [](const std::string& name) { return For<pb::GetCustomerRequest>(name); });
  ExpectSame<pb::BatchGetCustomersRequest, pb::BatchGetCustomersResponse>(
      &LeadsApi::BatchGetCustomers, [](const std::string& name) {
        pb::BatchGetCustomersRequest request;
        request.add_names(name);
        return request;
      });
  ExpectSame<pb::UpdateCustomerRequest, pb::Customer>(
      &LeadsApi::UpdateCustomer, [](const std::string& name) {
        pb::UpdateCustomerRequest request;
        request.mutable_customer()->set_name(name);
        request.mutable_customer()->set_etag("\"9\"");
        return request;
      });
  ExpectSame<pb::SetCustomerTierRequest, pb::Customer>(
      &LeadsApi::SetCustomerTier, [](const std::string& name) {
        auto request = For<pb::SetCustomerTierRequest>(name);
        request.set_scheme("abc");
        request.set_tier("a");
        return request;
      });
  ExpectSame<pb::RemoveCustomerTierRequest, pb::Customer>(
      &LeadsApi::RemoveCustomerTier, [](const std::string& name) {
        auto request = For<pb::RemoveCustomerTierRequest>(name);
        request.set_scheme("abc");
        return request;
      });
  const auto parent = []<class Request>(Request request, const std::string& name) {
    request.set_parent(name);
    return request;
  };
  ExpectSame<pb::ListCustomerTierHistoryRequest, pb::ListCustomerTierHistoryResponse>(
      &LeadsApi::ListCustomerTierHistory,
      [&](const std::string& name) { return parent(pb::ListCustomerTierHistoryRequest(), name); });
  ExpectSame<pb::ListCustomerHistoryRequest, pb::ListCustomerHistoryResponse>(
      &LeadsApi::ListCustomerHistory,
      [&](const std::string& name) { return parent(pb::ListCustomerHistoryRequest(), name); });
  ExpectSame<pb::FindDuplicateCustomersRequest, pb::FindDuplicateCustomersResponse>(
      &LeadsApi::FindDuplicateCustomers, [](const std::string& name) {
        pb::FindDuplicateCustomersRequest request;
        request.set_customer(name);
        return request;
      });
  EXPECT_EQ(TypesOf("customers/foreign").size(), 1u);
}

TEST_F(LeadsTest, ReachIsOwnerTeamOrAll) {
  auto request = Draft("acme");
  request.mutable_customer()->set_owner(kWang);
  request.mutable_customer()->set_team("teams/west");
  Create(request, Agent(kLi));
  const auto sees = [&](const Caller& caller) {
    pb::Customer response;
    return Do(&LeadsApi::GetCustomer, For<pb::GetCustomerRequest>("customers/acme"), &response,
              caller)
        .ok();
  };
  EXPECT_TRUE(sees(Agent(kWang)));
  EXPECT_TRUE(sees(Agent("members/other", {"teams/west"})));
  EXPECT_FALSE(sees(Agent(kLi, {"teams/east"})))
      << "who registered it does not matter once it has an owner";
  EXPECT_TRUE(sees({}));
}

}  // namespace
}  // namespace steward::leads
