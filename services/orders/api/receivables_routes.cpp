#include "services/orders/api/receivables_api.h"

namespace steward::orders {
namespace {

template <class Request, class Response>
void Add(rpc::Server& server, ReceivablesApi& api, const char* method,
         absl::Status (ReceivablesApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.orders.v1.ReceivablesService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

void ReceivablesApi::AddTo(rpc::Server& server) {
  Add(server, *this, "GetReceivable", &ReceivablesApi::GetReceivable);
  Add(server, *this, "ListInstalments", &ReceivablesApi::ListInstalments);
  Add(server, *this, "RecordPayment", &ReceivablesApi::RecordPayment);
  Add(server, *this, "BatchRecordPayments", &ReceivablesApi::BatchRecordPayments);
  Add(server, *this, "ListPayments", &ReceivablesApi::ListPayments);
  Add(server, *this, "GetAgeingReport", &ReceivablesApi::GetAgeingReport);
  Add(server, *this, "GetCollectionTimeliness", &ReceivablesApi::GetCollectionTimeliness);
}

}  // namespace steward::orders
