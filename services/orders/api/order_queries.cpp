// Reads, on the worker's connection, and the routes.

#include <utility>

#include "libs/base/refusals.h"
#include "libs/service/pages.h"
#include "services/orders/api/sales_orders_api.h"

namespace steward::orders {
namespace {

template <class Request, class Response>
void Add(rpc::Server& server, SalesOrdersApi& api, const char* method,
         absl::Status (SalesOrdersApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.orders.v1.OrdersService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

absl::Status SalesOrdersApi::GetOrder(const rpc::Call& call, const v1::GetOrderRequest& request,
                                      v1::Order* response) {
  ASSIGN_OR_RETURN(const Uuid id, ParseOrderName("name", request.name()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::optional<OrderData> order,
                   orders::GetOrder(*db, id, call.reach, call.TimeLeft()));
  if (!order) {
    return NotFound(request.name());
  }
  ToProto(*order, response);
  return absl::OkStatus();
}

absl::Status SalesOrdersApi::ListOrders(const rpc::Call& call, const v1::ListOrdersRequest& request,
                                        v1::ListOrdersResponse* response) {
  ASSIGN_OR_RETURN(const OrderQuery query, ParseOrderFilter(request.filter()));
  ASSIGN_OR_RETURN(const service::Page page,
                   service::OpenPage(*deps_.tokens, "ListOrders\n" + request.filter(), request));
  ASSIGN_OR_RETURN(const std::optional<OrderCursor> after, service::ReadTimePlace(page));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(
      std::vector<OrderData> listed,
      orders::ListOrders(*db, query.filter, after, call.reach, page.limit(), call.TimeLeft()));
  if (page.Cut(listed)) {
    const OrderData& last = listed.back();
    page.Continue(service::PlaceOf(last.enter_time, last.id), response);
  }
  for (const OrderData& order : listed) {
    ToProto(order, response->add_orders());
  }
  return absl::OkStatus();
}

absl::Status SalesOrdersApi::ListOrderHistory(const rpc::Call& call,
                                              const v1::ListOrderHistoryRequest& request,
                                              v1::ListOrderHistoryResponse* response) {
  ASSIGN_OR_RETURN(const Uuid id, ParseOrderName("parent", request.parent()));
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens, "ListOrderHistory\n" + request.parent(), request));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::optional<OrderData> order,
                   orders::GetOrder(*db, id, call.reach, call.TimeLeft()));
  if (!order) {
    return NotFound(request.parent());
  }
  ASSIGN_OR_RETURN(const service::History history, service::ReadHistory(*db, page, OrderName(id)));
  return service::ShowHistory(
      page, history,
      [](const eventing::JournalRow& row) -> absl::StatusOr<std::vector<v1::OrderChange>> {
        ASSIGN_OR_RETURN(v1::OrderChange change, OrderChangeOf(row));
        return std::vector<v1::OrderChange>{std::move(change)};
      },
      response);
}

void SalesOrdersApi::AddTo(rpc::Server& server) {
  Add(server, *this, "CreateOrder", &SalesOrdersApi::CreateOrder);
  Add(server, *this, "GetOrder", &SalesOrdersApi::GetOrder);
  Add(server, *this, "ListOrders", &SalesOrdersApi::ListOrders);
  Add(server, *this, "ReviseOrder", &SalesOrdersApi::ReviseOrder);
  Add(server, *this, "ReviewOrder", &SalesOrdersApi::ReviewOrder);
  Add(server, *this, "MakeProductionSheet", &SalesOrdersApi::MakeProductionSheet);
  Add(server, *this, "SignOrderForSales", &SalesOrdersApi::SignOrderForSales);
  Add(server, *this, "SignOrderForFinance", &SalesOrdersApi::SignOrderForFinance);
  Add(server, *this, "ReleaseOrder", &SalesOrdersApi::ReleaseOrder);
  Add(server, *this, "DeliverOrder", &SalesOrdersApi::DeliverOrder);
  Add(server, *this, "AcceptOrder", &SalesOrdersApi::AcceptOrder);
  Add(server, *this, "CancelOrder", &SalesOrdersApi::CancelOrder);
  Add(server, *this, "ReturnOrder", &SalesOrdersApi::ReturnOrder);
  Add(server, *this, "ListOrderHistory", &SalesOrdersApi::ListOrderHistory);
}

}  // namespace steward::orders
