#pragma once
// Sales orders. SQL only.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/pg/tx.h"
#include "libs/rpc/call.h"
#include "services/orders/domain/order_event.h"

namespace steward::orders {

pg::Pending QueueLoadOrder(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach);
OrderData ReadOrder(const pg::Result& result, int row);
void QueueInsertOrder(pg::Tx& tx, const OrderData& order);
void QueueUpdateOrder(pg::Tx& tx, const OrderData& order);
absl::StatusOr<std::optional<OrderData>> GetOrder(pg::Connection& db, const Uuid& id,
                                                  const rpc::Reach& reach, Duration timeout);

// Whether the customer has an order that was entered up to `at` and not cancelled, this one left out.
pg::Pending QueueEarlierOrder(pg::Tx& tx, const std::string& customer, Time at, const Uuid& self);
bool ReadEarlierOrder(const pg::Result& result);

// The contract of an order, `contracts/{uuid}` or empty, before anything is locked; nullopt = no such order.
absl::StatusOr<std::optional<std::string>> ReadContractOf(pg::Tx& tx, const Uuid& id);
// How far the other orders of a contract are: cancelled and returned ones do not count.
struct ContractProgress {
  int64_t orders = 0, undelivered = 0, unaccepted = 0;
  std::optional<Time> delivered, accepted;  // the latest
};
pg::Pending QueueProgress(pg::Tx& tx, const std::string& contract, const Uuid& self);
ContractProgress ReadProgress(const pg::Result& result);

// All values of a field must hold; empty = any.
struct OrderFilter {
  std::map<std::string, std::string> equal;
  std::map<std::string, std::vector<std::string>> not_equal;
  std::optional<OrderState> state;
  std::vector<OrderState> not_states;
  Time entered_from = kEpoch, entered_to = kClientTimeEnd;
  Time updated_from = kEpoch, updated_to = kClientTimeEnd;
};
inline constexpr std::array<std::string_view, 5> kOrderFilterColumns = {"owner", "team", "region",
                                                                        "customer", "contract"};
// The last order of the page before: its enter time and its id.
using OrderCursor = std::pair<Time, Uuid>;
// Newest first.
absl::StatusOr<std::vector<OrderData>> ListOrders(pg::Connection& db, const OrderFilter& filter,
                                                  const std::optional<OrderCursor>& after,
                                                  const rpc::Reach& reach, int limit,
                                                  Duration timeout);

}  // namespace steward::orders
