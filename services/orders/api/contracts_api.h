#pragma once
// ContractsService, one method per RPC: plain blocking functions that a test calls without gRPC.
// Commands run in the frame of libs/service/command.h; queries read on the worker's connection.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/occasion.h"
#include "libs/identity/org.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/orders/api/mapping.h"
#include "services/orders/domain/contract.h"
#include "services/orders/metrics.h"

namespace steward::orders {

// The organisation as this service knows it now.
using OrgNow = std::function<std::shared_ptr<const identity::Org>()>;

struct ContractsDeps {
  service::Env env;
  TimeRules time_rules;
  absl::TimeZone zone;  // the company's
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
  absl::Status ListContracts(const rpc::Call&, const pb::ListContractsRequest&,
                             pb::ListContractsResponse*);
  absl::Status UpdateContract(const rpc::Call&, const pb::UpdateContractRequest&, pb::Contract*);
  absl::Status AssignContract(const rpc::Call&, const pb::AssignContractRequest&, pb::Contract*);
  absl::Status SubmitContract(const rpc::Call&, const pb::SubmitContractRequest&, pb::Contract*);
  absl::Status PreviewContractApproval(const rpc::Call&, const pb::PreviewContractApprovalRequest&,
                                       pb::Approval*);
  absl::Status ApproveContract(const rpc::Call&, const pb::ApproveContractRequest&, pb::Contract*);
  absl::Status SendBackContract(const rpc::Call&, const pb::SendBackContractRequest&,
                                pb::Contract*);
  absl::Status WithdrawContract(const rpc::Call&, const pb::WithdrawContractRequest&,
                                pb::Contract*);
  absl::Status SignContract(const rpc::Call&, const pb::SignContractRequest&, pb::Contract*);
  absl::Status StartContract(const rpc::Call&, const pb::StartContractRequest&, pb::Contract*);
  absl::Status CompleteContract(const rpc::Call&, const pb::CompleteContractRequest&,
                                pb::Contract*);
  absl::Status ArchiveContract(const rpc::Call&, const pb::ArchiveContractRequest&, pb::Contract*);
  absl::Status CancelContract(const rpc::Call&, const pb::CancelContractRequest&, pb::Contract*);
  absl::Status ListContractHistory(const rpc::Call&, const pb::ListContractHistoryRequest&,
                                   pb::ListContractHistoryResponse*);

 private:
  // What every command names.
  struct Target {
    std::string name, etag;
    std::optional<Time> occurred_at;
  };
  template <class Request>
  static Target TargetOf(const Request& request);
  // What one command does besides: each may be empty.
  struct Steps {
    std::function<void(pg::Tx&)> prepare = {};  // reads, in the round trip that loads the contract
    std::function<absl::Status(Contract&, const Occasion&)> apply;
    // Writes after the claim, and adds its journal rows behind the contract's.
    std::function<absl::Status(pg::Tx&, const ContractData&, Time now,
                               std::vector<eventing::NewEvent>& rows)>
        also = {};
  };
  absl::Status Change(const rpc::Call& call, const Target& target, const Steps& steps,
                      pb::Contract* response);
  // A command that is one method of Contract.
  using Move = absl::Status (Contract::*)(const Occasion&);
  absl::Status Do(const rpc::Call& call, const Target& target, Move move, pb::Contract* response);
  // The contract as the caller reaches it, or NOT_FOUND.
  absl::StatusOr<ContractData> Visible(const rpc::Call& call, pg::Connection& db,
                                       std::string_view field, const std::string& name);

  ContractsDeps deps_;
};

}  // namespace steward::orders
