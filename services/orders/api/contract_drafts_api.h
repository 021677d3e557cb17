#pragma once
// ContractDraftsService, one method per RPC: what waits between a won opportunity and its contract. It is work of the whole service:
// nobody's reach.

#include <functional>
#include <utility>

#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "steward/orders/v1/contract_drafts_service.pb.h"

namespace steward::orders {

// Thread-safe: it keeps nothing between calls.
class ContractDraftsApi {
 public:
  // `released` is told after the commit that one is due.
  ContractDraftsApi(service::Env env, const rpc::PageTokens* tokens, std::function<void()> released)
      : env_(std::move(env)), tokens_(tokens), released_(std::move(released)) {}
  void AddTo(rpc::Server& server);

  absl::Status ListContractDrafts(const rpc::Call&, const v1::ListContractDraftsRequest&,
                                  v1::ListContractDraftsResponse*);
  absl::Status ReleaseContractDraft(const rpc::Call&, const v1::ReleaseContractDraftRequest&,
                                    v1::ContractDraft*);

 private:
  service::Env env_;
  const rpc::PageTokens* tokens_;
  std::function<void()> released_;
};

}  // namespace steward::orders
