#include "services/orders/api/order_mapping.h"

#include <map>

#include "libs/base/refusals.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "services/orders/domain/order.h"
#include "steward/orders/events/v1/orders_events.pb.h"

namespace steward::orders {
namespace {

using events::v1::OrdersEvent;

const std::map<std::string, std::string>& FilterFields() {
  static const auto& fields = *new std::map<std::string, std::string>([] {
    std::map<std::string, std::string> made{
        {"state", "= !="}, {"enter_time", "< <= > >="}, {"update_time", "< <= > >="}};
    for (const std::string_view column : kOrderFilterColumns) {
      made.emplace(column, "= !=");
    }
    return made;
  }());
  return fields;
}

absl::Status ApplyState(const rpc::FilterTerm& term, OrderQuery& query) {
  const std::optional<OrderState> state = OrderStateFromName(term.value);
  if (!state) {
    std::vector<std::string_view> names;
    for (const OrderState each : kOrderStates) {
      names.push_back(NameOf(each));
    }
    return FieldInvalid("filter", "`state` is one of " + Join(names));
  }
  if (term.op == "!=") {
    query.filter.not_states.push_back(*state);
    return absl::OkStatus();
  }
  query.nothing = query.nothing || (query.filter.state && *query.filter.state != *state);
  query.filter.state = state;
  return absl::OkStatus();
}

void FillMoved(const events::v1::OrderMoved& from, v1::OrderChange* to) {
  to->set_from_state(from.from_state());
  to->set_to_state(from.to_state());
}

void FillChange(const OrdersEvent& event, v1::OrderChange* to) {
  switch (event.event_case()) {
    case OrdersEvent::kOrderEntered:
      to->set_to_state("ENTERED");
      break;
    case OrdersEvent::kOrderRevised:
      to->set_from_state(event.order_revised().from_state());
      to->set_to_state("ENTERED");
      break;
    case OrdersEvent::kOrderReviewed:
      FillMoved(event.order_reviewed(), to);
      break;
    case OrdersEvent::kOrderProductionSheetMade:
      FillMoved(event.order_production_sheet_made(), to);
      break;
    case OrdersEvent::kOrderSignedForSales:
      to->set_to_state(event.order_signed_for_sales().to_state());
      break;
    case OrdersEvent::kOrderSignedForFinance:
      to->set_to_state(event.order_signed_for_finance().to_state());
      break;
    case OrdersEvent::kOrderReleased:
      FillMoved(event.order_released(), to);
      break;
    case OrdersEvent::kOrderDelivered:
      to->set_to_state(event.order_delivered().to_state());
      break;
    case OrdersEvent::kOrderAccepted:
      FillMoved(event.order_accepted(), to);
      break;
    case OrdersEvent::kOrderCancelled:
      to->set_from_state(event.order_cancelled().from_state());
      to->set_to_state("CANCELLED");
      to->set_reason(event.order_cancelled().reason());
      break;
    case OrdersEvent::kOrderReturned:
      to->set_to_state(event.order_returned().to_state());
      to->set_reason(event.order_returned().reason());
      break;
    default:
      break;  // of a later version
  }
}

}  // namespace

absl::StatusOr<Uuid> ParseOrderName(std::string_view field, std::string_view name) {
  constexpr std::string_view kOrders = "orders/";
  const auto id = Uuid::Parse(name.substr(std::min(kOrders.size(), name.size())));
  if (!name.starts_with(kOrders) || !id.ok()) {
    return FieldInvalid(field, "is `orders/{uuid}`");
  }
  return id;
}

absl::StatusOr<OrderTerms> OrderTermsFrom(const v1::Order& from) {
  rpc::Faults faults("order");
  OrderTerms to;
  to.customer = faults.Name("customer", "customers", from.customer());
  to.contract = faults.Name("contract", "contracts", from.contract());
  to.region = faults.Line("region", from.region());
  for (int i = 0; i < from.lines_size(); ++i) {
    const v1::OrderLine& line = from.lines(i);
    const std::string path = "lines[" + std::to_string(i) + "].";
    const auto price = rpc::FromProto("order." + path + "unit_price", line.unit_price());
    faults.Add(price.status());
    to.lines.push_back({faults.Line(path + "product", line.product()),
                        faults.Line(path + "product_line", line.product_line()), line.new_product(),
                        line.quantity(), price.value_or(Money{}), 0, 0});
  }
  RETURN_IF_ERROR(faults.status());
  return to;
}

void ToProto(const OrderData& from, v1::Order* to) {
  to->Clear();
  to->set_name(OrderName(from.id));
  to->set_owner(from.owner);
  to->set_team(from.team);
  to->set_customer(from.terms.customer);
  to->set_contract(from.terms.contract);
  to->set_region(from.terms.region);
  for (const OrderLine& line : from.terms.lines) {
    v1::OrderLine& added = *to->add_lines();
    added.set_product(line.product);
    added.set_product_line(line.product_line);
    added.set_new_product(line.new_product);
    added.set_quantity(line.quantity);
    rpc::ToProto(line.unit_price, added.mutable_unit_price());
    added.set_delivered(line.delivered);
    added.set_returned(line.returned);
  }
  to->set_first_order(from.terms.first_order);
  if (const auto total = OrderTotal(from.terms.lines); total.ok()) {
    rpc::ToProto(*total, to->mutable_total());
  }
  to->set_state(std::string(NameOf(from.state)));
  *to->mutable_state_time() = rpc::ToProto(from.state_time);
  to->set_allowed_actions(Order(from).Allowed());
  to->set_reviewed_by(from.reviewed_by);
  to->set_sheet_made_by(from.sheet_made_by);
  to->set_signed_for_sales_by(from.signed_for_sales_by);
  to->set_signed_for_finance_by(from.signed_for_finance_by);
  *to->mutable_enter_time() = rpc::ToProto(from.enter_time);
  *to->mutable_update_time() = rpc::ToProto(from.update_time);
  if (from.release_time) {
    *to->mutable_release_time() = rpc::ToProto(*from.release_time);
  }
  if (from.deliver_time) {
    *to->mutable_deliver_time() = rpc::ToProto(*from.deliver_time);
  }
  if (from.accept_time) {
    *to->mutable_accept_time() = rpc::ToProto(*from.accept_time);
  }
  to->set_cancel_reason(from.cancel_reason);
  to->set_return_reason(from.return_reason);
  to->set_etag("\"" + std::to_string(from.version) + "\"");
}

absl::StatusOr<OrderQuery> ParseOrderFilter(std::string_view filter) {
  ASSIGN_OR_RETURN(const std::vector<rpc::FilterTerm> terms,
                   rpc::ParseFilter(filter, FilterFields()));
  OrderQuery query;
  OrderFilter& to = query.filter;
  for (const rpc::FilterTerm& term : terms) {
    if (term.field == "enter_time") {
      RETURN_IF_ERROR(rpc::NarrowTime(term, to.entered_from, to.entered_to));
    } else if (term.field == "update_time") {
      RETURN_IF_ERROR(rpc::NarrowTime(term, to.updated_from, to.updated_to));
    } else if (term.field == "state") {
      RETURN_IF_ERROR(ApplyState(term, query));
    } else if (term.op == "!=") {
      to.not_equal[term.field].push_back(term.value);
    } else {
      const auto [known, added] = to.equal.emplace(term.field, term.value);
      query.nothing = query.nothing || (!added && known->second != term.value);
    }
  }
  return query;
}

absl::StatusOr<v1::OrderChange> OrderChangeOf(const eventing::JournalRow& row) {
  OrdersEvent event;
  if (!event.ParseFromString(row.payload)) {
    return absl::InternalError("journal row of " + row.aggregate + " does not parse");
  }
  v1::OrderChange change;
  change.set_version(row.aggregate_version);
  change.set_type(row.type);
  *change.mutable_occurred_at() = rpc::ToProto(row.occurred_at);
  *change.mutable_recorded_at() = rpc::ToProto(row.recorded_at);
  change.set_actor(row.actor);
  FillChange(event, &change);
  return change;
}

}  // namespace steward::orders
