#include "services/orders/events/order_events.h"

#include "libs/rpc/values.h"
#include "services/orders/domain/order.h"

namespace steward::orders {
namespace {

using events::v1::OrdersEvent;

void FillTerms(const OrderTerms& from, const Money& total, events::v1::OrderTerms* to) {
  to->set_customer(from.customer);
  to->set_contract(from.contract);
  to->set_region(from.region);
  to->set_first_order(from.first_order);
  int32_t number = 0;
  for (const OrderLine& line : from.lines) {
    events::v1::OrderLine& added = *to->add_lines();
    added.set_line(++number);
    added.set_product(line.product);
    added.set_product_line(line.product_line);
    added.set_new_product(line.new_product);
    added.set_quantity(line.quantity);
    rpc::ToProto(line.unit_price, added.mutable_unit_price());
  }
  rpc::ToProto(total, to->mutable_total());
}

template <class Repeated>
void FillLines(const std::vector<LineQuantity>& from, Repeated* to) {
  for (const LineQuantity& line : from) {
    events::v1::LineQuantity& added = *to->Add();
    added.set_line(static_cast<int32_t>(line.line));
    added.set_quantity(line.quantity);
  }
}

struct Filler {
  const OrderData& order;
  OrderState from;
  OrdersEvent& out;

  std::string Name(OrderState state) const { return std::string(NameOf(state)); }
  void Moved(const std::string& member, events::v1::OrderMoved* to) const {
    to->set_from_state(Name(from));
    to->set_to_state(Name(order.state));
    to->set_member(member);
    to->set_customer(order.terms.customer);
    to->set_owner(order.owner);
    to->set_team(order.team);
    to->set_region(order.terms.region);
    if (const auto total = OrderTotal(order.terms.lines); total.ok()) {
      rpc::ToProto(*total, to->mutable_total());
    }
    to->set_first_order(order.terms.first_order);
  }

  void operator()(const OrderEntered& event) const {
    events::v1::OrderEntered& to = *out.mutable_order_entered();
    FillTerms(event.order.terms, event.total, to.mutable_terms());
    to.set_owner(order.owner);
    to.set_team(order.team);
  }
  void operator()(const OrderRevised& event) const {
    events::v1::OrderRevised& to = *out.mutable_order_revised();
    to.set_from_state(Name(event.from));
    FillTerms(event.terms, event.total, to.mutable_terms());
  }
  void operator()(const OrderReviewed& event) const {
    Moved(event.member, out.mutable_order_reviewed());
  }
  void operator()(const ProductionSheetMade& event) const {
    Moved(event.member, out.mutable_order_production_sheet_made());
  }
  void operator()(const OrderSigned& event) const {
    events::v1::OrderSigned& to = event.for_finance ? *out.mutable_order_signed_for_finance()
                                                    : *out.mutable_order_signed_for_sales();
    to.set_member(event.member);
    to.set_complete(event.complete);
    to.set_to_state(Name(order.state));
  }
  void operator()(const OrderReleased& event) const {
    Moved(event.member, out.mutable_order_released());
  }
  void operator()(const OrderDelivered& event) const {
    events::v1::OrderDelivered& to = *out.mutable_order_delivered();
    FillLines(event.lines, to.mutable_lines());
    to.set_complete(event.complete);
    to.set_to_state(Name(order.state));
  }
  void operator()(const OrderAccepted& event) const {
    Moved(event.member, out.mutable_order_accepted());
  }
  void operator()(const OrderCancelled& event) const {
    events::v1::OrderCancelled& to = *out.mutable_order_cancelled();
    to.set_reason(event.reason);
    to.set_from_state(Name(event.from));
  }
  void operator()(const OrderReturned& event) const {
    events::v1::OrderReturned& to = *out.mutable_order_returned();
    to.set_reason(event.reason);
    FillLines(event.lines, to.mutable_lines());
    to.set_complete(event.complete);
    to.set_to_state(Name(order.state));
    Money value{order.terms.lines.front().unit_price.currency, 0};
    for (const LineQuantity& line : event.lines) {
      value.minor +=
          line.quantity * order.terms.lines[static_cast<size_t>(line.line) - 1].unit_price.minor;
    }
    rpc::ToProto(value, to.mutable_value());
  }
};

}  // namespace

OrdersEvent ToProto(const OrderData& order, const OrderEvent& event, OrderState from) {
  OrdersEvent proto;
  std::visit(Filler{order, from, proto}, event.body);
  return proto;
}

std::vector<eventing::NewEvent> ToJournal(IdGenerator& ids, Time now, const OrderData& order,
                                          OrderState from,
                                          const std::vector<OrderEvent>& order_events) {
  std::vector<eventing::NewEvent> rows;
  for (const OrderEvent& event : order_events) {
    rows.push_back(eventing::MakeEvent(ids, now, OrderName(order.id), event.version,
                                       event.occurred_at, ToProto(order, event, from)));
  }
  return rows;
}

}  // namespace steward::orders
