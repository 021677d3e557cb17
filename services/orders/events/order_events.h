#pragma once
// What happens to sales orders, as published on `steward.orders.v1`.

#include <vector>

#include "libs/eventing/journal.h"
#include "services/orders/domain/order_event.h"
#include "steward/orders/events/v1/orders_events.pb.h"

namespace steward::orders {

// `order` is the order after its events; where one event is told that is the event's own state.
events::v1::OrdersEvent ToProto(const OrderData& order, const OrderEvent& event, OrderState from);
// Journal rows of an order's events; `from` is the state before the first of them.
std::vector<eventing::NewEvent> ToJournal(IdGenerator& ids, Time now, const OrderData& order,
                                          OrderState from,
                                          const std::vector<OrderEvent>& order_events);

}  // namespace steward::orders
