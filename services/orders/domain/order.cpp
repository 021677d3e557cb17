#include "services/orders/domain/order.h"

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"

namespace steward::orders {
namespace {

constexpr std::string_view kFollows = "when what it follows happened";

std::string LineField(std::string_view list, size_t i, std::string_view part) {
  return std::string(list) + "[" + std::to_string(i) + "]" + std::string(part);
}

absl::Status CheckLine(size_t i, const OrderLine& line) {
  RETURN_IF_ERROR(CheckRequired(LineField("order.lines", i, ".product"), line.product));
  RETURN_IF_ERROR(CheckRequired(LineField("order.lines", i, ".product_line"), line.product_line));
  if (line.quantity <= 0) {
    return FieldInvalid(LineField("order.lines", i, ".quantity"), "is above zero");
  }
  if (!ExponentOf(line.unit_price.currency).ok()) {
    return FieldInvalid(LineField("order.lines", i, ".unit_price.currency_code"),
                        "`" + line.unit_price.currency + "` is no currency of ISO 4217");
  }
  if (line.unit_price.minor < 0) {
    return FieldInvalid(LineField("order.lines", i, ".unit_price"), "is not below zero");
  }
  return absl::OkStatus();
}

// The terms of an order that begins: nothing delivered. With its total.
absl::StatusOr<Money> CheckTerms(OrderTerms& terms) {
  RETURN_IF_ERROR(CheckName("order.customer", "customers", terms.customer));
  if (!terms.contract.empty()) {
    RETURN_IF_ERROR(CheckName("order.contract", "contracts", terms.contract));
  }
  RETURN_IF_ERROR(CheckRequired("order.region", terms.region));
  if (terms.lines.size() > kMaxOrderLines) {
    return FieldInvalid("order.lines", "are at most " + std::to_string(kMaxOrderLines) + " lines");
  }
  for (size_t i = 0; i < terms.lines.size(); ++i) {
    RETURN_IF_ERROR(CheckLine(i, terms.lines[i]));
    terms.lines[i].delivered = 0;
    terms.lines[i].returned = 0;
  }
  return OrderTotal(terms.lines);
}

// Adds each quantity to `done` of its line, up to `limit` of it. Works on a copy of the lines.
absl::StatusOr<std::vector<OrderLine>> Counted(std::vector<OrderLine> lines,
                                               const std::vector<LineQuantity>& quantities,
                                               int64_t OrderLine::*done, int64_t OrderLine::*limit,
                                               std::string_view reason, std::string_view what) {
  if (quantities.empty()) {
    return FieldInvalid("lines", "has at least one line");
  }
  for (size_t i = 0; i < quantities.size(); ++i) {
    const LineQuantity& each = quantities[i];
    if (each.line < 1 || each.line > static_cast<int64_t>(lines.size())) {
      return FieldInvalid(LineField("lines", i, ".line"),
                          "is 1 to " + std::to_string(lines.size()));
    }
    if (each.quantity <= 0) {
      return FieldInvalid(LineField("lines", i, ".quantity"), "is above zero");
    }
    OrderLine& line = lines[static_cast<size_t>(each.line) - 1];
    const int64_t left = line.*limit - line.*done;
    if (each.quantity > left) {
      return Precondition(reason,
                          "line " + std::to_string(each.line) + ": " +
                              std::to_string(each.quantity) + " is above the " +
                              std::to_string(left) + " " + std::string(what),
                          {{"line", std::to_string(each.line)},
                           {"quantity", std::to_string(each.quantity)},
                           {"left", std::to_string(left)}});
    }
    line.*done += each.quantity;
  }
  return lines;
}

}  // namespace

absl::StatusOr<Money> OrderTotal(const std::vector<OrderLine>& lines) {
  if (lines.empty()) {
    return FieldInvalid("order.lines", "has at least one line");
  }
  Money total{lines.front().unit_price.currency, 0};
  for (const OrderLine& line : lines) {
    Money amount{line.unit_price.currency, 0};
    if (__builtin_mul_overflow(line.quantity, line.unit_price.minor, &amount.minor)) {
      return Refuse(absl::StatusCode::kOutOfRange,
                    "quantity times price of `" + line.product + "` is beyond what can be kept",
                    {"AMOUNT_OVERFLOW"});
    }
    ASSIGN_OR_RETURN(total, steward::Add(total, amount));
  }
  return total;
}

absl::StatusOr<Order> Order::Enter(OrderData draft, const Occasion& occasion) {
  RETURN_IF_ERROR(CheckName("order.owner", "members", draft.owner));
  ASSIGN_OR_RETURN(const Money total, CheckTerms(draft.terms));
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, kEpoch, kFollows));
  OrderData data;
  data.id = draft.id;
  data.owner = std::move(draft.owner);
  data.team = std::move(draft.team);
  data.terms = std::move(draft.terms);
  data.state_time = at;
  data.enter_time = at;
  data.update_time = occasion.now;
  Order order(std::move(data));
  order.Add(at, occasion.now, OrderEntered{order.data_, total});
  return order;
}

std::string Order::Allowed() const {
  std::vector<std::string_view> allowed;
  for (const OrderAction action : kOrderActions) {
    if (Next(data_.state, action)) {
      allowed.push_back(NameOf(action));
    }
  }
  return Join(allowed);
}

absl::StatusOr<Time> Order::CheckedTime(OrderAction action, const Occasion& occasion) const {
  if (!Next(data_.state, action)) {
    return IllegalTransition(NameOf(data_.state), NameOf(action), Allowed());
  }
  return InstantOf(occasion, data_.state_time, kFollows);
}

template <class Body>
void Order::Add(Time occurred_at, Time now, Body body) {
  data_.version += 1;
  data_.update_time = now;
  events_.push_back({data_.version, occurred_at, std::move(body)});
}

void Order::Move(OrderState to, Time at) {
  data_.state = to;
  data_.state_time = at;
}

absl::Status Order::Revise(OrderTerms terms, const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(OrderAction::kRevise, occasion));
  ASSIGN_OR_RETURN(const Money total, CheckTerms(terms));
  if (terms == data_.terms) {
    return NothingToChange("terms", "the same");
  }
  const OrderState from = data_.state;
  data_.terms = std::move(terms);
  data_.reviewed_by.clear();
  data_.sheet_made_by.clear();
  data_.signed_for_sales_by.clear();
  data_.signed_for_finance_by.clear();
  Move(*Next(from, OrderAction::kRevise), at);
  Add(at, occasion.now, OrderRevised{from, data_.terms, total});
  return absl::OkStatus();
}

absl::Status Order::Review(const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(OrderAction::kReview, occasion));
  data_.reviewed_by = occasion.actor;
  Move(*Next(data_.state, OrderAction::kReview), at);
  Add(at, occasion.now, OrderReviewed{occasion.actor});
  return absl::OkStatus();
}

absl::Status Order::MakeProductionSheet(const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(OrderAction::kMakeProductionSheet, occasion));
  data_.sheet_made_by = occasion.actor;
  Move(*Next(data_.state, OrderAction::kMakeProductionSheet), at);
  Add(at, occasion.now, ProductionSheetMade{occasion.actor});
  return absl::OkStatus();
}

absl::Status Order::Sign(OrderAction action, std::string OrderData::*own,
                         const std::string OrderData::*other, const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(action, occasion));
  RETURN_IF_ERROR(CheckName("actor", "members", occasion.actor));
  if (data_.*other == occasion.actor) {
    return Precondition("SAME_SIGNER",
                        occasion.actor + " signed for the other side; another member has to sign",
                        {{"signed_by", occasion.actor}, {"action", std::string(NameOf(action))}});
  }
  data_.*own = occasion.actor;
  Move(*Next(data_.state, action), at);
  Add(at, occasion.now,
      OrderSigned{action == OrderAction::kSignForFinance, occasion.actor,
                  data_.state == OrderState::kSigned});
  return absl::OkStatus();
}

absl::Status Order::SignForSales(const Occasion& occasion) {
  return Sign(OrderAction::kSignForSales, &OrderData::signed_for_sales_by,
              &OrderData::signed_for_finance_by, occasion);
}

absl::Status Order::SignForFinance(const Occasion& occasion) {
  return Sign(OrderAction::kSignForFinance, &OrderData::signed_for_finance_by,
              &OrderData::signed_for_sales_by, occasion);
}

absl::Status Order::Release(const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(OrderAction::kRelease, occasion));
  data_.release_time = at;
  Move(*Next(data_.state, OrderAction::kRelease), at);
  Add(at, occasion.now,
      OrderReleased{occasion.actor, data_.signed_for_sales_by, data_.signed_for_finance_by});
  return absl::OkStatus();
}

absl::Status Order::Deliver(const std::vector<LineQuantity>& lines, const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(OrderAction::kDeliver, occasion));
  ASSIGN_OR_RETURN(data_.terms.lines,
                   Counted(data_.terms.lines, lines, &OrderLine::delivered, &OrderLine::quantity,
                           "DELIVERED_ABOVE_ORDERED", "still to be delivered"));
  const bool complete =
      std::all_of(data_.terms.lines.begin(), data_.terms.lines.end(),
                  [](const OrderLine& line) { return line.delivered == line.quantity; });
  if (complete) {
    data_.deliver_time = at;
  }
  Move(complete ? *Next(data_.state, OrderAction::kDeliver) : OrderState::kPartlyDelivered, at);
  Add(at, occasion.now, OrderDelivered{lines, complete});
  return absl::OkStatus();
}

absl::Status Order::Accept(const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(OrderAction::kAccept, occasion));
  data_.accept_time = at;
  Move(*Next(data_.state, OrderAction::kAccept), at);
  Add(at, occasion.now, OrderAccepted{occasion.actor});
  return absl::OkStatus();
}

absl::Status Order::Cancel(std::string_view reason, const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(OrderAction::kCancel, occasion));
  RETURN_IF_ERROR(CheckCode("cancel_reason", reason, kOrderCancelReasons));
  const OrderState from = data_.state;
  data_.cancel_reason = reason;
  Move(*Next(from, OrderAction::kCancel), at);
  Add(at, occasion.now, OrderCancelled{std::string(reason), from});
  return absl::OkStatus();
}

absl::Status Order::Return(const std::vector<LineQuantity>& lines, std::string_view reason,
                           const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(OrderAction::kReturn, occasion));
  RETURN_IF_ERROR(CheckCode("return_reason", reason, kReturnReasons));
  ASSIGN_OR_RETURN(data_.terms.lines,
                   Counted(data_.terms.lines, lines, &OrderLine::returned, &OrderLine::delivered,
                           "RETURNED_ABOVE_DELIVERED", "delivered and not returned"));
  const bool complete =
      std::all_of(data_.terms.lines.begin(), data_.terms.lines.end(),
                  [](const OrderLine& line) { return line.returned == line.delivered; });
  data_.return_reason = reason;
  if (complete) {
    Move(*Next(data_.state, OrderAction::kReturn), at);
  }
  Add(at, occasion.now, OrderReturned{std::string(reason), lines, complete});
  return absl::OkStatus();
}

}  // namespace steward::orders
