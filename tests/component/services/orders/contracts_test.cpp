// Drafting, reading and changing contracts.

#include <gmock/gmock.h>

#include "libs/rpc/values.h"
#include "tests/component/services/orders/fixture.h"

namespace steward::orders {
namespace {

using ::testing::ElementsAre;

constexpr char kRequest[] = "0190d9a0-0000-7000-8000-000000000001";

class Contracts : public OrdersTest {
 protected:
  absl::Status RefusedWith(const std::function<void(pb::Contract&)>& change) {
    pb::CreateContractRequest request = Draft();
    change(*request.mutable_contract());
    const int64_t before = Count("SELECT count(*) FROM contract");
    const absl::Status status = Refused(&ContractsApi::CreateContract, request);
    EXPECT_EQ(Count("SELECT count(*) FROM contract"), before);
    return status;
  }
};

TEST_F(Contracts, AreKeptWhole) {
  const pb::Contract created = Create();
  EXPECT_EQ(created.state(), pb::Contract::DRAFT);
  EXPECT_EQ(created.team(), "teams/east");
  EXPECT_EQ(created.plan(1).after().days(), 30);
  EXPECT_EQ(created.plan(2).date().year(), 2026);
  EXPECT_EQ(created.plan(2).number(), 3);
  EXPECT_EQ(created.etag(), "\"1\"");
  EXPECT_EQ(Get(created.name()).SerializeAsString(), created.SerializeAsString());
  const auto rows = Journal();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].aggregate, created.name());
  EXPECT_EQ(rows[0].type, "contract.drafted");
  EXPECT_EQ(rows[0].actor, kLi);
  EXPECT_EQ(rows[0].event.contract_drafted().owner(), kLi);
  EXPECT_EQ(rows[0].event.contract_drafted().team(), "teams/east");
  EXPECT_EQ(rows[0].event.contract_drafted().terms().plan(1).due(), "30 days after DELIVERED");
}

TEST_F(Contracts, ARepeatAnswersTheSame) {
  pb::CreateContractRequest request = Draft();
  request.set_request_id(kRequest);
  const pb::Contract first = Create(request);
  EXPECT_EQ(Create(request).SerializeAsString(), first.SerializeAsString());
  request.mutable_contract()->set_region("west");
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::CreateContract, request)), "REQUEST_ID_REUSED");
  EXPECT_EQ(Count("SELECT count(*) FROM contract"), 1);
}

TEST_F(Contracts, APlanBySharesGivesTheLastTheRounding) {
  pb::CreateContractRequest request = Draft();
  rpc::ToProto(Money{"CNY", 10'001}, request.mutable_contract()->mutable_amount());
  for (int i = 0; i < 3; ++i) {
    pb::PlanItem& item = *request.mutable_contract()->mutable_plan(i);
    item.clear_amount();
    item.set_basis_points(i < 2 ? 3333 : 3334);
  }
  const pb::Contract created = Create(request);
  std::vector<int64_t> minor;
  for (const pb::PlanItem& item : created.plan()) {
    minor.push_back(rpc::FromProto("", item.amount())->minor);
    EXPECT_EQ(item.basis_points(), 0);
  }
  EXPECT_THAT(minor, ElementsAre(3333, 3333, 3335));
}

TEST_F(Contracts, BadInputIsNamed) {
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) { c.clear_owner(); })), "contract.owner");
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) { c.set_owner("teams/x"); })), "contract.owner");
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) { c.clear_customer(); })), "contract.customer");
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) { c.set_opportunity("x"); })), "contract.opportunity");
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) { c.mutable_amount()->set_units(-900); })),
            "contract.amount");
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) { c.mutable_amount()->set_currency_code("XYZ"); })),
            "contract.amount.currency_code");
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) { c.mutable_amount()->set_nanos(1); })),
            "contract.amount.nanos");
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) { c.mutable_amount()->set_units(INT64_MAX); })),
            "contract.amount.units");
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) { c.mutable_plan(1)->clear_due(); })),
            "contract.plan[1].due");
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) { c.mutable_plan(1)->set_basis_points(1); })),
            "contract.plan[1].amount");
  EXPECT_EQ(FieldOf(RefusedWith([](auto& c) {
              c.mutable_plan(1)->clear_amount();
              c.mutable_plan(1)->set_basis_points(5000);
            })),
            "contract.plan");
}

TEST_F(Contracts, APlanThatDoesNotSumSaysByHowMuch) {
  const absl::Status status = RefusedWith([](auto& c) { c.mutable_amount()->set_units(901); });
  EXPECT_EQ(ReasonOf(status), "PLAN_DOES_NOT_SUM");
  EXPECT_EQ(MetadataOf(status, "difference"), "1.00 CNY");
  EXPECT_EQ(ReasonOf(RefusedWith(
                [](auto& c) { c.mutable_plan(0)->mutable_amount()->set_currency_code("USD"); })),
            "CURRENCY_MISMATCH");
  EXPECT_EQ(ReasonOf(RefusedWith([](auto& c) {
              for (pb::PlanItem& item : *c.mutable_plan()) {
                rpc::ToProto(Money{"CNY", INT64_MAX}, item.mutable_amount());
              }
            })),
            "AMOUNT_OVERFLOW");
}

TEST_F(Contracts, AnOpportunityHasOneLiveContract) {
  pb::CreateContractRequest request = Draft();
  request.mutable_contract()->set_opportunity("opportunities/first");
  const pb::Contract first = Create(request);
  const absl::Status status = Refused(&ContractsApi::CreateContract, request);
  EXPECT_EQ(ReasonOf(status), "CONTRACT_EXISTS");
  EXPECT_EQ(MetadataOf(status, "contract"), first.name());
}

TEST_F(Contracts, OutOfReachIsNotThere) {
  const std::string name = Create().name();
  EXPECT_EQ(Get(name, Agent(kLi)).name(), name);
  EXPECT_EQ(Get(name, Agent("members/else", {"teams/east"})).name(), name);
  const std::string missing = "contracts/0190d9a0-0000-7000-8000-00000000ffff";
  for (const std::string& each : {name, missing}) {
    const absl::Status status = Refused(&ContractsApi::GetContract,
                                        For<pb::GetContractRequest>(each), Agent("members/else"));
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(MetadataOf(status, "name"), each);
  }
}

}  // namespace
}  // namespace steward::orders
