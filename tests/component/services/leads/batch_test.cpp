#include "tests/component/services/leads/fixture.h"

namespace steward::leads {
namespace {

class Batch : public LeadsTest {
 protected:
  pb::BatchCreateCustomersRequest Of(int count) const {
    pb::BatchCreateCustomersRequest request;
    for (int i = 0; i < count; ++i) {
      *request.add_requests() = Draft("c-" + std::to_string(i), "Customer " + std::to_string(i));
    }
    return request;
  }
};

TEST_F(Batch, AddsUpToAHundredAtOnce) {
  auto request = Of(100);
  request.set_request_id("0190d9a0-0000-7000-8000-000000000001");
  request.mutable_requests(3)->clear_customer_id();
  const auto made = Must(&LeadsApi::BatchCreateCustomers, request);
  ASSERT_EQ(made.customers_size(), 100);
  EXPECT_EQ(made.customers(7).name(), "customers/c-7");
  EXPECT_EQ(made.customers(7).display_name(), "Customer 7");
  EXPECT_EQ(Journal().size(), 100u);
  EXPECT_EQ(Must(&LeadsApi::BatchCreateCustomers, request).SerializeAsString(),
            made.SerializeAsString());
  EXPECT_EQ(Count("SELECT count(*) FROM customer"), 100);
  pb::BatchCreateCustomersResponse response;
  EXPECT_EQ(FieldOf(Do(&LeadsApi::BatchCreateCustomers, Of(101), &response)), "requests");
  EXPECT_EQ(FieldOf(Do(&LeadsApi::BatchCreateCustomers, Of(0), &response)), "requests");
}

TEST_F(Batch, NamesEveryRowAtFaultAndAddsNone) {
  auto request = Of(5);
  request.mutable_requests(1)->mutable_customer()->set_credit_code("x");
  request.mutable_requests(2)->set_customer_id("c-0");
  request.mutable_requests(3)->mutable_customer()->add_tiers("abc:z");
  request.mutable_requests(4)->set_request_id("0190d9a0-0000-7000-8000-000000000001");
  pb::BatchCreateCustomersResponse response;
  const absl::Status status = Do(&LeadsApi::BatchCreateCustomers, request, &response);
  std::vector<std::string> fields;
  const Refusal refusal = *RefusalOf(status);
  for (const FieldViolation& fault : refusal.fields) {
    fields.push_back(fault.field);
  }
  EXPECT_EQ(fields,
            (std::vector<std::string>{"requests[1].customer.credit_code", "requests[2].customer_id",
                                      "requests[3].customer.tiers", "requests[4].request_id"}));
  EXPECT_EQ(Count("SELECT count(*) FROM customer"), 0);
}

TEST_F(Batch, OneThatIsThereRefusesAll) {
  Create("c-2");
  pb::BatchCreateCustomersResponse response;
  const absl::Status status = Do(&LeadsApi::BatchCreateCustomers, Of(4), &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(MetadataOf(status, "name"), "customers/c-2");
  EXPECT_EQ(Count("SELECT count(*) FROM customer"), 1);
}

}  // namespace
}  // namespace steward::leads
