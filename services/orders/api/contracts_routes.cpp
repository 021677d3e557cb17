#include "services/orders/api/contracts_api.h"

namespace steward::orders {
namespace {

template <class Request, class Response>
void Add(rpc::Server& server, ContractsApi& api, const char* method,
         absl::Status (ContractsApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.orders.v1.ContractsService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

void ContractsApi::AddTo(rpc::Server& server) {
  Add(server, *this, "CreateContract", &ContractsApi::CreateContract);
  Add(server, *this, "GetContract", &ContractsApi::GetContract);
  Add(server, *this, "ListContracts", &ContractsApi::ListContracts);
  Add(server, *this, "UpdateContract", &ContractsApi::UpdateContract);
  Add(server, *this, "AssignContract", &ContractsApi::AssignContract);
  Add(server, *this, "SubmitContract", &ContractsApi::SubmitContract);
  Add(server, *this, "PreviewContractApproval", &ContractsApi::PreviewContractApproval);
  Add(server, *this, "ApproveContract", &ContractsApi::ApproveContract);
  Add(server, *this, "SendBackContract", &ContractsApi::SendBackContract);
  Add(server, *this, "WithdrawContract", &ContractsApi::WithdrawContract);
  Add(server, *this, "SignContract", &ContractsApi::SignContract);
  Add(server, *this, "StartContract", &ContractsApi::StartContract);
  Add(server, *this, "CompleteContract", &ContractsApi::CompleteContract);
  Add(server, *this, "ArchiveContract", &ContractsApi::ArchiveContract);
  Add(server, *this, "CancelContract", &ContractsApi::CancelContract);
  Add(server, *this, "ListContractHistory", &ContractsApi::ListContractHistory);
}

}  // namespace steward::orders
