// The steps of an order, and what they mean for the contract's ledger.

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/rpc/validate.h"
#include "services/orders/api/sales_orders_api.h"
#include "services/orders/events/ledger_events.h"
#include "services/orders/events/order_events.h"

namespace steward::orders {
namespace {

const rpc::Reach& Everything() {
  static const rpc::Reach& all = *new rpc::Reach{true, {}, {}};
  return all;
}

template <class Lines>
std::vector<LineQuantity> LinesFrom(const Lines& from) {
  std::vector<LineQuantity> lines;
  for (const v1::LineQuantity& line : from) {
    lines.push_back({line.line(), line.quantity()});
  }
  return lines;
}

// All that is left of every line; `done` is what is not.
std::vector<LineQuantity> Rest(const OrderData& order, int64_t OrderLine::*all,
                               int64_t OrderLine::*done) {
  std::vector<LineQuantity> lines;
  for (size_t i = 0; i < order.terms.lines.size(); ++i) {
    const OrderLine& line = order.terms.lines[i];
    if (line.*all > line.*done) {
      lines.push_back({static_cast<int64_t>(i) + 1, line.*all - line.*done});
    }
  }
  return lines;
}

// With this order in its new state.
ContractProgress Together(ContractProgress others, const OrderData& order) {
  if (order.state == OrderState::kCancelled || order.state == OrderState::kReturned) {
    return others;
  }
  const bool accepted = order.state == OrderState::kAccepted;
  const bool delivered = accepted || order.state == OrderState::kDelivered;
  others.orders += 1;
  others.undelivered += delivered ? 0 : 1;
  others.unaccepted += accepted ? 0 : 1;
  others.delivered = std::max(others.delivered, order.deliver_time);
  others.accepted = std::max(others.accepted, order.accept_time);
  return others;
}

}  // namespace

template <class Request>
SalesOrdersApi::Target SalesOrdersApi::TargetOf(const Request& request, bool moves_contract) {
  return {request.name(), request.etag(),
          request.has_occurred_at() ? std::optional(rpc::FromProto(request.occurred_at()))
                                    : std::nullopt,
          moves_contract};
}

absl::StatusOr<std::vector<eventing::NewEvent>> SalesOrdersApi::QueueProgressOf(
    pg::Tx& tx, Time now, const OrderData& order, const pg::Result& others,
    const LedgerLoad& load) {
  std::vector<eventing::NewEvent> rows;
  const ContractProgress progress = Together(ReadProgress(others), order);
  if (order.terms.contract.empty() || progress.orders == 0 || progress.undelivered > 0) {
    return rows;
  }
  // A time that is a little ahead is of today at the latest.
  const auto day_of = [&](Time time) { return DayOf(std::min(time, now), deps_.zone); };
  DueEventDates dates;
  if (progress.delivered) {
    dates.delivered_on = day_of(*progress.delivered);
  }
  if (progress.unaccepted == 0 && progress.accepted) {
    dates.accepted_on = day_of(*progress.accepted);
  }
  for (auto& [contract, data] : load.Read()) {
    ASSIGN_OR_RETURN(ContractLedger ledger, ContractLedger::Load(data, DayOf(now, deps_.zone)));
    ASSIGN_OR_RETURN(const bool known, ledger.Know(dates));
    if (known) {
      QueueSaveLedger(tx, ledger);
      for (eventing::NewEvent& row : ToJournal(*deps_.env.ids, now, deps_.zone, ledger)) {
        rows.push_back(std::move(row));
      }
    }
  }
  return rows;
}

void SalesOrdersApi::Count(pg::Tx& tx, std::optional<OrderState> from, OrderState to) const {
  if (deps_.metrics != nullptr && from != to) {
    tx.AfterCommit([metrics = deps_.metrics, to] { metrics->Reached(to); });
  }
}

absl::Status SalesOrdersApi::Change(const rpc::Call& call, const Target& target,
                                    v1::Order* response, const Apply& apply) {
  ASSIGN_OR_RETURN(const Uuid id, ParseOrderName("name", target.name));
  const std::string name = OrderName(id);
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        // Which contract to lock has to be known before the locks; that it still is the order's, after them.
        std::string contract;
        if (target.moves_contract) {
          ASSIGN_OR_RETURN(const std::optional<std::string> found, ReadContractOf(tx, id));
          contract = found.value_or("");
        }
        std::vector<pg::LockKey> locks{pg::LockKey::Exclusive(name)};
        std::vector<Uuid> contracts;
        if (!contract.empty()) {
          locks.push_back(pg::LockKey::Exclusive(contract));
          ASSIGN_OR_RETURN(const Uuid contract_id, Uuid::Parse(std::string_view(contract).substr(
                                                       std::string_view("contracts/").size())));
          contracts.push_back(contract_id);
        }
        tx.Lock(std::move(locks));
        command.Find();
        const pg::Pending row = QueueLoadOrder(tx, id, call.reach);
        const pg::Pending others = QueueProgress(tx, contract, id);
        const LedgerLoad load = LedgerLoad::Queue(tx, contracts, Everything());
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(name);
        }
        OrderData stored = ReadOrder(*row, 0);
        const std::string etag = "\"" + std::to_string(stored.version) + "\"";
        if (!target.etag.empty() && target.etag != etag) {
          return EtagMismatch(name, etag);
        }
        if (target.moves_contract && stored.terms.contract != contract) {
          return absl::AbortedError(name + " was revised meanwhile; try again");
        }
        ASSIGN_OR_RETURN(const Occasion occasion,
                         OccasionOf(call, command.now(), target.occurred_at));
        const OrderState from = stored.state;
        Order order(std::move(stored));
        RETURN_IF_ERROR(apply(order, occasion));
        ToProto(order.data(), response);
        command.Claim(name);
        QueueUpdateOrder(tx, order.data());
        Count(tx, from, order.data().state);
        std::vector<eventing::NewEvent> events =
            ToJournal(*deps_.env.ids, command.now(), order.data(), from, order.events());
        if (target.moves_contract) {
          ASSIGN_OR_RETURN(std::vector<eventing::NewEvent> moved,
                           QueueProgressOf(tx, command.now(), order.data(), *others, load));
          std::move(moved.begin(), moved.end(), std::back_inserter(events));
        }
        return command.Append(events);
      });
}

template <class Request>
absl::Status SalesOrdersApi::TakeStep(const rpc::Call& call, const Request& request,
                                      v1::Order* response, Step step, bool moves_contract) {
  return Change(call, TargetOf(request, moves_contract), response,
                [step](Order& order, const Occasion& occasion) { return (order.*step)(occasion); });
}

absl::Status SalesOrdersApi::ReviewOrder(const rpc::Call& call,
                                         const v1::ReviewOrderRequest& request,
                                         v1::Order* response) {
  return TakeStep(call, request, response, &Order::Review);
}
absl::Status SalesOrdersApi::MakeProductionSheet(const rpc::Call& call,
                                                 const v1::MakeProductionSheetRequest& request,
                                                 v1::Order* response) {
  return TakeStep(call, request, response, &Order::MakeProductionSheet);
}
absl::Status SalesOrdersApi::SignOrderForSales(const rpc::Call& call,
                                               const v1::SignOrderForSalesRequest& request,
                                               v1::Order* response) {
  return TakeStep(call, request, response, &Order::SignForSales);
}
absl::Status SalesOrdersApi::SignOrderForFinance(const rpc::Call& call,
                                                 const v1::SignOrderForFinanceRequest& request,
                                                 v1::Order* response) {
  return TakeStep(call, request, response, &Order::SignForFinance);
}
absl::Status SalesOrdersApi::ReleaseOrder(const rpc::Call& call,
                                          const v1::ReleaseOrderRequest& request,
                                          v1::Order* response) {
  return TakeStep(call, request, response, &Order::Release);
}
absl::Status SalesOrdersApi::AcceptOrder(const rpc::Call& call,
                                         const v1::AcceptOrderRequest& request,
                                         v1::Order* response) {
  return TakeStep(call, request, response, &Order::Accept, true);
}

absl::Status SalesOrdersApi::DeliverOrder(const rpc::Call& call,
                                          const v1::DeliverOrderRequest& request,
                                          v1::Order* response) {
  return Change(
      call, TargetOf(request, true), response, [&](Order& order, const Occasion& occasion) {
        return order.Deliver(request.lines().empty()
                                 ? Rest(order.data(), &OrderLine::quantity, &OrderLine::delivered)
                                 : LinesFrom(request.lines()),
                             occasion);
      });
}

absl::Status SalesOrdersApi::CancelOrder(const rpc::Call& call,
                                         const v1::CancelOrderRequest& request,
                                         v1::Order* response) {
  return Change(call, TargetOf(request, true), response,
                [&](Order& order, const Occasion& occasion) {
                  return order.Cancel(request.reason(), occasion);
                });
}

absl::Status SalesOrdersApi::ReturnOrder(const rpc::Call& call,
                                         const v1::ReturnOrderRequest& request,
                                         v1::Order* response) {
  return Change(
      call, TargetOf(request, true), response, [&](Order& order, const Occasion& occasion) {
        return order.Return(request.lines().empty()
                                ? Rest(order.data(), &OrderLine::delivered, &OrderLine::returned)
                                : LinesFrom(request.lines()),
                            request.reason(), occasion);
      });
}

}  // namespace steward::orders
