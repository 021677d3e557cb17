// The shipped policy covers every method that the service serves, and nothing else; no grant
// widens another's reach.

#include <gtest/gtest.h>

#include "libs/testing/policy_check.h"
#include "steward/orders/v1/approval_flows_service.pb.h"
#include "steward/orders/v1/contract_drafts_service.pb.h"
#include "steward/orders/v1/contracts_service.pb.h"
#include "steward/orders/v1/orders_service.pb.h"
#include "steward/orders/v1/receivables_service.pb.h"

namespace steward::orders {
namespace {

TEST(Policy, CoversEveryMethod) {
  const auto* contracts =
      v1::GetContractRequest::descriptor()->file()->FindServiceByName("ContractsService");
  const auto* flows =
      v1::GetApprovalFlowRequest::descriptor()->file()->FindServiceByName("ApprovalFlowsService");
  const auto* orders =
      v1::GetOrderRequest::descriptor()->file()->FindServiceByName("OrdersService");
  const auto* receivables =
      v1::GetReceivableRequest::descriptor()->file()->FindServiceByName("ReceivablesService");
  const auto* drafts = v1::ListContractDraftsRequest::descriptor()->file()->FindServiceByName(
      "ContractDraftsService");
  for (const auto& [method, line] :
       testing::ReadPolicy(STEWARD_POLICY_FILE, {contracts, flows, orders, receivables, drafts})) {
    // Flows and drafts that wait are the company's: nobody owns them.
    if (method.find("steward.orders.v1") != std::string::npos &&
        method.find("ApprovalFlowsService") == std::string::npos &&
        method.find("ContractDraftsService") == std::string::npos) {
      testing::ExpectReachByGrant(method, line);
    }
  }
}

}  // namespace
}  // namespace steward::orders
