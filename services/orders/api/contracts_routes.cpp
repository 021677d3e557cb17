#include "libs/identity/period.h"
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
}

std::string TeamOf(const identity::Org& org, const std::string& member, Time at) {
  const auto found = org.members.find(member);
  if (found != org.members.end()) {
    for (const auto& assignment : found->second.teams()) {
      if (identity::Contains(assignment.period(), at)) {
        return assignment.team();
      }
    }
  }
  return "";
}

}  // namespace steward::orders
