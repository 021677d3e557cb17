#pragma once
// OrdersService, one method per RPC: plain blocking functions that a test calls without gRPC. Commands run in the frame of
// libs/service/command.h; queries read on the worker's connection.

#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "libs/base/occasion.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/orders/api/order_mapping.h"
#include "services/orders/domain/order.h"
#include "services/orders/metrics.h"
#include "services/orders/storage/ledger_store.h"

namespace steward::orders {

struct SalesOrdersDeps {
  service::Env env;
  TimeRules time_rules;
  absl::TimeZone zone;  // the company's
  // `teams/{id}` of a member then; empty = none.
  std::function<std::string(const std::string& member, Time at)> team_of;
  const rpc::PageTokens* tokens = nullptr;
  Metrics* metrics = nullptr;
};

// Thread-safe: it keeps nothing between calls.
class SalesOrdersApi {
 public:
  explicit SalesOrdersApi(SalesOrdersDeps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status CreateOrder(const rpc::Call&, const v1::CreateOrderRequest&, v1::Order*);
  absl::Status GetOrder(const rpc::Call&, const v1::GetOrderRequest&, v1::Order*);
  absl::Status ListOrders(const rpc::Call&, const v1::ListOrdersRequest&, v1::ListOrdersResponse*);
  absl::Status ReviseOrder(const rpc::Call&, const v1::ReviseOrderRequest&, v1::Order*);
  absl::Status ReviewOrder(const rpc::Call&, const v1::ReviewOrderRequest&, v1::Order*);
  absl::Status MakeProductionSheet(const rpc::Call&, const v1::MakeProductionSheetRequest&,
                                   v1::Order*);
  absl::Status SignOrderForSales(const rpc::Call&, const v1::SignOrderForSalesRequest&, v1::Order*);
  absl::Status SignOrderForFinance(const rpc::Call&, const v1::SignOrderForFinanceRequest&,
                                   v1::Order*);
  absl::Status ReleaseOrder(const rpc::Call&, const v1::ReleaseOrderRequest&, v1::Order*);
  absl::Status DeliverOrder(const rpc::Call&, const v1::DeliverOrderRequest&, v1::Order*);
  absl::Status AcceptOrder(const rpc::Call&, const v1::AcceptOrderRequest&, v1::Order*);
  absl::Status CancelOrder(const rpc::Call&, const v1::CancelOrderRequest&, v1::Order*);
  absl::Status ReturnOrder(const rpc::Call&, const v1::ReturnOrderRequest&, v1::Order*);
  absl::Status ListOrderHistory(const rpc::Call&, const v1::ListOrderHistoryRequest&,
                                v1::ListOrderHistoryResponse*);

 private:
  // What every change of an order says.
  struct Target {
    std::string name, etag;
    std::optional<Time> occurred_at;
    bool moves_contract = false;  // may complete the contract's delivery or acceptance
  };
  template <class Request>
  static Target TargetOf(const Request& request, bool moves_contract = false);
  using Apply = std::function<absl::Status(Order&, const Occasion&)>;
  absl::Status Change(const rpc::Call& call, const Target& target, v1::Order* response,
                      const Apply& apply);
  void Count(pg::Tx& tx, std::optional<OrderState> from, OrderState to) const;
  // The same for a step without anything to say.
  using Step = absl::Status (Order::*)(const Occasion&);
  template <class Request>
  absl::Status TakeStep(const rpc::Call& call, const Request& request, v1::Order* response,
                        Step step, bool moves_contract = false);
  absl::StatusOr<Occasion> OccasionOf(const rpc::Call& call, Time now,
                                      std::optional<Time> given) const;
  // What the order's step means for the contract's ledger: its journal rows.
  absl::StatusOr<std::vector<eventing::NewEvent>> QueueProgressOf(pg::Tx& tx, Time now,
                                                                  const OrderData& order,
                                                                  const pg::Result& others,
                                                                  const LedgerLoad& load);

  SalesOrdersDeps deps_;
};

}  // namespace steward::orders
