#pragma once
// The orders service on a real PostgreSQL, called without gRPC.

#include <string>

#include "libs/testing/service_test.h"
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

class OrdersTest : public testing::ServiceTest<events::v1::OrdersEvent, ContractsApi> {
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

  // Li sells in teams/east, which Wang leads; Zhao is above both and heads sales.
  std::shared_ptr<const identity::Org> org;
  Metrics metrics;
};

}  // namespace steward::orders
