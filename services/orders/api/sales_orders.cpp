// Entering and revising orders.

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/rpc/validate.h"
#include "services/orders/api/sales_orders_api.h"
#include "services/orders/events/order_events.h"

namespace steward::orders {
namespace {

const rpc::Reach& Everything() {
  static const rpc::Reach& all = *new rpc::Reach{true, {}, {}};
  return all;
}

std::optional<Time> TimeOf(bool given, const google::protobuf::Timestamp& time) {
  return given ? std::optional(rpc::FromProto(time)) : std::nullopt;
}

// The contract that the order names; nothing where it names none.
absl::StatusOr<std::vector<Uuid>> ContractsOf(const OrderTerms& terms) {
  if (terms.contract.empty()) {
    return std::vector<Uuid>();
  }
  const auto id =
      Uuid::Parse(std::string_view(terms.contract).substr(std::string_view("contracts/").size()));
  if (!id.ok()) {
    return FieldInvalid("order.contract", "is `contracts/{uuid}`");
  }
  return std::vector<Uuid>{*id};
}

// An order carries out a signed contract of its own customer.
absl::Status CheckContract(const OrderTerms& terms, const LedgerLoad& load) {
  if (terms.contract.empty()) {
    return absl::OkStatus();
  }
  const auto ledgers = load.Read();
  if (ledgers.empty()) {
    return Precondition("CONTRACT_NOT_SIGNED",
                        terms.contract + " is no signed contract; sign it first",
                        {{"contract", terms.contract}});
  }
  if (const std::string& customer = ledgers.begin()->second.party.customer;
      customer != terms.customer) {
    return Precondition("CUSTOMER_DIFFERS",
                        terms.contract + " is with another customer than " + terms.customer,
                        {{"contract", terms.contract}, {"customer", terms.customer}});
  }
  return absl::OkStatus();
}

// What a change of the terms locks: the first order of a customer is decided by one at a time.
void LockTerms(const OrderTerms& terms, std::vector<pg::LockKey>& locks) {
  locks.push_back(pg::LockKey::Exclusive("orders of " + terms.customer));
  if (!terms.contract.empty()) {
    locks.push_back(pg::LockKey::Exclusive(terms.contract));
  }
}

}  // namespace

absl::StatusOr<Occasion> SalesOrdersApi::OccasionOf(const rpc::Call& call, Time now,
                                                    std::optional<Time> given) const {
  return CheckOccasion(deps_.time_rules,
                       {call.caller, call.HasGrant("importer"), call.HasGrant("supervisor")}, {},
                       now, given);
}

absl::Status SalesOrdersApi::CreateOrder(const rpc::Call& call,
                                         const v1::CreateOrderRequest& request,
                                         v1::Order* response) {
  OrderData draft;
  ASSIGN_OR_RETURN(draft.terms, OrderTermsFrom(request.order()));
  ASSIGN_OR_RETURN(const std::vector<Uuid> contracts, ContractsOf(draft.terms));
  const Time start = deps_.env.clock->Now();
  draft.id = deps_.env.ids->NewId(start);
  draft.owner = request.order().owner().empty() ? call.caller : request.order().owner();
  draft.team = deps_.team_of(draft.owner, start);
  const std::optional<Time> given = TimeOf(request.has_occurred_at(), request.occurred_at());
  const std::string name = OrderName(draft.id);
  std::vector<pg::LockKey> locks{pg::LockKey::Exclusive(name)};
  LockTerms(draft.terms, locks);
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock(locks);
        command.Find();
        const pg::Pending earlier =
            QueueEarlierOrder(tx, draft.terms.customer, given.value_or(command.now()), draft.id);
        const LedgerLoad load = LedgerLoad::Queue(tx, contracts, Everything());
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        RETURN_IF_ERROR(CheckContract(draft.terms, load));
        ASSIGN_OR_RETURN(const Occasion occasion, OccasionOf(call, command.now(), given));
        OrderData entered = draft;
        entered.terms.first_order = !ReadEarlierOrder(*earlier);
        ASSIGN_OR_RETURN(const Order order, Order::Enter(std::move(entered), occasion));
        ToProto(order.data(), response);
        command.Claim(name);
        QueueInsertOrder(tx, order.data());
        Count(tx, std::nullopt, order.data().state);
        return command.Append(ToJournal(*deps_.env.ids, command.now(), order.data(),
                                        OrderState::kEntered, order.events()));
      });
}

absl::Status SalesOrdersApi::ReviseOrder(const rpc::Call& call,
                                         const v1::ReviseOrderRequest& request,
                                         v1::Order* response) {
  ASSIGN_OR_RETURN(const Uuid id, ParseOrderName("order.name", request.order().name()));
  const std::string name = OrderName(id);
  ASSIGN_OR_RETURN(const OrderTerms wanted, OrderTermsFrom(request.order()));
  ASSIGN_OR_RETURN(const std::vector<Uuid> contracts, ContractsOf(wanted));
  std::vector<pg::LockKey> locks{pg::LockKey::Exclusive(name)};
  LockTerms(wanted, locks);
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock(locks);
        command.Find();
        const pg::Pending row = QueueLoadOrder(tx, id, call.reach);
        const pg::Pending earlier = QueueEarlierOrder(tx, wanted.customer, command.now(), id);
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
        if (!request.order().etag().empty() && request.order().etag() != etag) {
          return EtagMismatch(name, etag);
        }
        RETURN_IF_ERROR(CheckContract(wanted, load));
        ASSIGN_OR_RETURN(const Occasion occasion,
                         OccasionOf(call, command.now(),
                                    TimeOf(request.has_occurred_at(), request.occurred_at())));
        OrderTerms terms = wanted;
        terms.first_order = terms.customer == stored.terms.customer ? stored.terms.first_order
                                                                    : !ReadEarlierOrder(*earlier);
        const OrderState from = stored.state;
        Order order(std::move(stored));
        RETURN_IF_ERROR(order.Revise(std::move(terms), occasion));
        ToProto(order.data(), response);
        command.Claim(name);
        QueueUpdateOrder(tx, order.data());
        Count(tx, from, order.data().state);
        return command.Append(
            ToJournal(*deps_.env.ids, command.now(), order.data(), from, order.events()));
      });
}

}  // namespace steward::orders
