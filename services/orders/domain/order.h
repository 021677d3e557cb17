#pragma once
// The order: every change is a method that adds its event or says why not. Nothing is ignored.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/occasion.h"
#include "services/orders/domain/order_event.h"

namespace steward::orders {

inline constexpr size_t kMaxOrderLines = 500;
inline constexpr std::array<std::string_view, 5> kOrderCancelReasons = {
    "customer_withdrew", "credit", "duplicate", "mistake", "other"};
inline constexpr std::array<std::string_view, 5> kReturnReasons = {
    "defective", "damaged", "wrong_goods", "not_wanted", "other"};

// Quantity times price over all lines. AMOUNT_OVERFLOW (OUT_OF_RANGE) beyond int64,
// CURRENCY_MISMATCH; FIELD_INVALID without lines.
absl::StatusOr<Money> OrderTotal(const std::vector<OrderLine>& lines);

// Refusals: ILLEGAL_TRANSITION by the table, with what is allowed; SAME_SIGNER with `signed_by`,
// DELIVERED_ABOVE_ORDERED and RETURNED_ABOVE_DELIVERED with `line` and what is `left`,
// NOTHING_TO_CHANGE (FAILED_PRECONDITION); FIELD_INVALID, and those of OrderTotal. What is refused
// changes nothing.
class Order {
 public:
  // `draft` has id, owner, team and terms; whatever else it has is not taken over. FIELD_INVALID without
  // owner, customer, region or lines, for a quantity not above zero or a price below zero.
  static absl::StatusOr<Order> Enter(OrderData draft, const Occasion& occasion);
  explicit Order(OrderData stored) : data_(std::move(stored)) {}

  const OrderData& data() const { return data_; }
  // Events since entry or loading, in version order.
  const std::vector<OrderEvent>& events() const { return events_; }
  // What the state allows, comma separated.
  std::string Allowed() const;

  // Other terms, before release: the order starts anew and both have to sign again.
  [[nodiscard]] absl::Status Revise(OrderTerms terms, const Occasion& occasion);
  [[nodiscard]] absl::Status Review(const Occasion& occasion);
  [[nodiscard]] absl::Status MakeProductionSheet(const Occasion& occasion);
  // Sales and finance, in either order and by two different members (003: both sign the plan sheet
  // before production gets it).
  [[nodiscard]] absl::Status SignForSales(const Occasion& occasion);
  [[nodiscard]] absl::Status SignForFinance(const Occasion& occasion);
  [[nodiscard]] absl::Status Release(const Occasion& occasion);
  // One delivery; never more of a line than is ordered, whatever came back: an exchange is an order
  // of its own.
  [[nodiscard]] absl::Status Deliver(const std::vector<LineQuantity>& lines,
                                     const Occasion& occasion);
  [[nodiscard]] absl::Status Accept(const Occasion& occasion);
  // Until the first delivery, also out of production.
  [[nodiscard]] absl::Status Cancel(std::string_view reason, const Occasion& occasion);
  // Part of what was delivered leaves the order where it is, all of it ends it.
  [[nodiscard]] absl::Status Return(const std::vector<LineQuantity>& lines, std::string_view reason,
                                    const Occasion& occasion);

 private:
  absl::StatusOr<Time> CheckedTime(OrderAction action, const Occasion& occasion) const;
  [[nodiscard]] absl::Status Sign(OrderAction action, std::string OrderData::*own,
                                  const std::string OrderData::*other, const Occasion& occasion);
  void Move(OrderState to, Time at);
  template <class Body>
  void Add(Time occurred_at, Time now, Body body);

  OrderData data_;
  std::vector<OrderEvent> events_;
};

}  // namespace steward::orders
