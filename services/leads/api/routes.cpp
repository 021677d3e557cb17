#include "services/leads/api/leads_api.h"

namespace steward::leads {
namespace {

template <class Request, class Response>
void Add(rpc::Server& server, LeadsApi& api, const char* method,
         absl::Status (LeadsApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.leads.v1.LeadsService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

void LeadsApi::AddTo(rpc::Server& server) {
  Add(server, *this, "CreateCustomer", &LeadsApi::CreateCustomer);
  Add(server, *this, "BatchCreateCustomers", &LeadsApi::BatchCreateCustomers);
  Add(server, *this, "GetCustomer", &LeadsApi::GetCustomer);
  Add(server, *this, "BatchGetCustomers", &LeadsApi::BatchGetCustomers);
  Add(server, *this, "ListCustomers", &LeadsApi::ListCustomers);
  Add(server, *this, "UpdateCustomer", &LeadsApi::UpdateCustomer);
  Add(server, *this, "SetCustomerTier", &LeadsApi::SetCustomerTier);
  Add(server, *this, "RemoveCustomerTier", &LeadsApi::RemoveCustomerTier);
  Add(server, *this, "ListCustomerTierHistory", &LeadsApi::ListCustomerTierHistory);
  Add(server, *this, "FindDuplicateCustomers", &LeadsApi::FindDuplicateCustomers);
  Add(server, *this, "ListCustomerHistory", &LeadsApi::ListCustomerHistory);
  Add(server, *this, "ListTierSchemes", &LeadsApi::ListTierSchemes);
}

}  // namespace steward::leads
