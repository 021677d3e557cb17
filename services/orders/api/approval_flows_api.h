#pragma once
// ApprovalFlowsService, one method per RPC. Flows are data for the whole company: nobody's reach.

#include <utility>

#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "steward/orders/v1/approval_flows_service.pb.h"

namespace steward::orders {

// Thread-safe: it keeps nothing between calls.
class ApprovalFlowsApi {
 public:
  ApprovalFlowsApi(service::Env env, const rpc::PageTokens* tokens)
      : env_(std::move(env)), tokens_(tokens) {}
  void AddTo(rpc::Server& server);

  absl::Status CreateApprovalFlowVersion(const rpc::Call&,
                                         const v1::CreateApprovalFlowVersionRequest&,
                                         v1::ApprovalFlow*);
  absl::Status GetApprovalFlow(const rpc::Call&, const v1::GetApprovalFlowRequest&,
                               v1::ApprovalFlow*);
  absl::Status ListApprovalFlows(const rpc::Call&, const v1::ListApprovalFlowsRequest&,
                                 v1::ListApprovalFlowsResponse*);
  absl::Status ActivateApprovalFlow(const rpc::Call&, const v1::ActivateApprovalFlowRequest&,
                                    v1::ApprovalFlow*);

 private:
  service::Env env_;
  const rpc::PageTokens* tokens_;
};

}  // namespace steward::orders
