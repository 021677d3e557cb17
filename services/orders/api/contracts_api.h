#pragma once
// ContractsService, one method per RPC: plain blocking functions that a test calls without gRPC.
// Commands run in the frame of libs/service/command.h; queries read on the worker's connection.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "libs/base/occasion.h"
#include "libs/identity/org.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/orders/api/mapping.h"
#include "services/orders/metrics.h"

namespace steward::orders {

// The organisation as this service knows it now.
using OrgNow = std::function<std::shared_ptr<const identity::Org>()>;

struct ContractsDeps {
  service::Env env;
  TimeRules time_rules;
  OrgNow org;
  const rpc::PageTokens* tokens = nullptr;
  Metrics* metrics = nullptr;
};

// Thread-safe: it keeps nothing between calls.
class ContractsApi {
 public:
  explicit ContractsApi(ContractsDeps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status CreateContract(const rpc::Call&, const pb::CreateContractRequest&, pb::Contract*);
  absl::Status GetContract(const rpc::Call&, const pb::GetContractRequest&, pb::Contract*);

 private:
  ContractsDeps deps_;
};

// `teams/{id}` of the member now: the first of the directory's list that holds; empty = none.
std::string TeamOf(const identity::Org& org, const std::string& member, Time at);

}  // namespace steward::orders
