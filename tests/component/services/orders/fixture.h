#pragma once
// The orders service on a real PostgreSQL, called without gRPC.

#include <string>

#include "libs/testing/service_test.h"
#include "services/orders/api/approval_flows_api.h"
#include "services/orders/api/contracts_api.h"
#include "steward/orders/events/v1/orders_events.pb.h"

namespace steward::orders {

using testing::Agent;
using testing::Caller;
using testing::FieldOf;
using testing::For;
using testing::kLi;
using testing::kServiceStart;
using testing::kWang;
using testing::MetadataOf;

inline constexpr char kZhao[] = "members/zhao";

class OrdersTest
    : public testing::ServiceTest<events::v1::OrdersEvent, ContractsApi, ApprovalFlowsApi> {
 protected:
  OrdersTest();

  // A contract that nothing is wrong with, of 900 yuan in three instalments.
  pb::CreateContractRequest Draft() const;
  pb::Contract Create(const pb::CreateContractRequest& request, const Caller& caller = {}) {
    return Must(&ContractsApi::CreateContract, request, caller);
  }
  pb::Contract Create() { return Create(Draft()); }
  pb::Contract Get(const std::string& name, const Caller& caller = {}) {
    return Must(&ContractsApi::GetContract, For<pb::GetContractRequest>(name), caller);
  }

  // A command with nothing but the contract's name.
  template <class Request>
  pb::Contract Step(absl::Status (ContractsApi::*method)(const rpc::Call&, const Request&,
                                                         pb::Contract*),
                    const std::string& name, const std::string& member) {
    return Must(method, For<Request>(name), Agent(member, {"teams/east"}));
  }
  pb::Contract Submit(const std::string& name, const std::string& member = kLi) {
    return Step(&ContractsApi::SubmitContract, name, member);
  }
  pb::Contract Approve(const std::string& name, const std::string& member = kWang) {
    return Step(&ContractsApi::ApproveContract, name, member);
  }
  pb::Contract Sign(const std::string& name, const std::string& member = kLi) {
    return Step(&ContractsApi::SignContract, name, member);
  }

  // Li sells in teams/east, which Wang leads; Zhao is above both and heads sales.
  std::shared_ptr<const identity::Org> org;
  Metrics metrics;
};

}  // namespace steward::orders
