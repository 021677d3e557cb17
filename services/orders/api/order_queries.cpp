// Reads, on the worker's connection, and the routes.

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"
#include "services/orders/api/sales_orders_api.h"

namespace steward::orders {
namespace {

absl::StatusOr<std::optional<OrderCursor>> ReadCursor(const std::vector<std::string>& cursor) {
  if (cursor.empty()) {
    return std::optional<OrderCursor>();
  }
  if (cursor.size() != 2) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(const int64_t micros, rpc::CursorNumber(cursor[0]));
  const auto id = Uuid::Parse(cursor[1]);
  if (!id.ok()) {
    return rpc::BadPageToken();
  }
  return std::optional(OrderCursor{Time{micros}, *id});
}

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
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const OrderQuery query, ParseOrderFilter(request.filter()));
  const std::string bound = "ListOrders\n" + request.filter();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const std::optional<OrderCursor> after, ReadCursor(cursor));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(
      std::vector<OrderData> listed,
      orders::ListOrders(*db, query.filter, after, call.reach, page_size + 1, call.TimeLeft()));
  if (listed.size() > static_cast<size_t>(page_size)) {
    listed.resize(static_cast<size_t>(page_size));
    const OrderData& last = listed.back();
    response->set_next_page_token(
        deps_.tokens->Make(bound, {std::to_string(last.enter_time.micros), last.id.ToString()}));
  }
  for (const OrderData& order : listed) {
    ToProto(order, response->add_orders());
  }
  return absl::OkStatus();
}

absl::Status SalesOrdersApi::ListOrderHistory(const rpc::Call& call,
                                              const v1::ListOrderHistoryRequest& request,
                                              v1::ListOrderHistoryResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const Uuid id, ParseOrderName("parent", request.parent()));
  const std::string bound = "ListOrderHistory\n" + request.parent();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  int64_t after = 0;
  if (!cursor.empty()) {
    ASSIGN_OR_RETURN(after, rpc::CursorNumber(cursor.front()));
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::optional<OrderData> order,
                   orders::GetOrder(*db, id, call.reach, call.TimeLeft()));
  if (!order) {
    return NotFound(request.parent());
  }
  ASSIGN_OR_RETURN(std::vector<eventing::JournalRow> rows,
                   eventing::ReadAggregate(*db, OrderName(id), after, page_size + 1));
  if (rows.size() > static_cast<size_t>(page_size)) {
    rows.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(
        deps_.tokens->Make(bound, {std::to_string(rows.back().aggregate_version)}));
  }
  for (const eventing::JournalRow& row : rows) {
    ASSIGN_OR_RETURN(*response->add_changes(), OrderChangeOf(row));
  }
  return absl::OkStatus();
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
