#pragma once
// The order as it is stored, and what can happen to it: ids and facts. Personal text has no place
// in these types.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/money.h"
#include "libs/base/time.h"
#include "services/orders/domain/order_state.h"

namespace steward::orders {

struct OrderLine {
  std::string product;       // code
  std::string product_line;  // code
  bool new_product = false;
  int64_t quantity = 0;                 // ordered, in the product's smallest unit
  Money unit_price;                     // for one of `quantity`; nothing for a gift
  int64_t delivered = 0, returned = 0;  // 0 <= returned <= delivered <= quantity
  friend bool operator==(const OrderLine&, const OrderLine&) = default;
};

struct OrderTerms {
  std::string customer;      // customers/{id}
  std::string contract;      // contracts/{id}, or empty
  std::string region;        // code
  bool first_order = false;  // of this customer; otherwise a repeat
  std::vector<OrderLine> lines;
  friend bool operator==(const OrderTerms&, const OrderTerms&) = default;
};

struct OrderData {
  Uuid id;
  std::string owner;  // members/{id}
  std::string team;   // teams/{id} of the owner, or empty
  OrderTerms terms;
  OrderState state = OrderState::kEntered;
  Time state_time;  // when it came to this state
  std::string reviewed_by, sheet_made_by, signed_for_sales_by, signed_for_finance_by;
  Time enter_time, update_time;
  std::optional<Time> release_time, deliver_time, accept_time;
  std::string cancel_reason, return_reason;
  int64_t version = 0;  // number of its events
  friend bool operator==(const OrderData&, const OrderData&) = default;
};

// So many of a line, by its place from 1.
struct LineQuantity {
  int64_t line = 0;
  int64_t quantity = 0;
  friend bool operator==(const LineQuantity&, const LineQuantity&) = default;
};

struct OrderEntered {
  OrderData order;
  Money total;
};
struct OrderRevised {
  OrderState from;
  OrderTerms terms;
  Money total;
};
struct OrderReviewed {
  std::string member;
};
struct ProductionSheetMade {
  std::string member;
};
struct OrderSigned {
  bool for_finance;  // otherwise for sales
  std::string member;
  bool complete;  // with this both have signed
};
struct OrderReleased {
  std::string member;
  std::string signed_for_sales_by, signed_for_finance_by;
};
struct OrderDelivered {
  std::vector<LineQuantity> lines;
  bool complete;
};
struct OrderAccepted {
  std::string member;
};
struct OrderCancelled {
  std::string reason;
  OrderState from;  // RELEASED: production has to be stopped
};
struct OrderReturned {
  std::string reason;
  std::vector<LineQuantity> lines;
  bool complete;  // nothing of what was delivered is left
};

struct OrderEvent {
  int64_t version = 0;
  Time occurred_at;
  std::variant<OrderEntered, OrderRevised, OrderReviewed, ProductionSheetMade, OrderSigned,
               OrderReleased, OrderDelivered, OrderAccepted, OrderCancelled, OrderReturned>
      body;
};

// `orders/{uuid}`.
inline std::string OrderName(const Uuid& id) { return "orders/" + id.ToString(); }

}  // namespace steward::orders
