#pragma once
// Domain events to what is published on `steward.orders.v1`, and to journal rows.

#include <vector>

#include "libs/eventing/journal.h"
#include "services/orders/domain/contract_event.h"
#include "steward/orders/events/v1/orders_events.pb.h"

namespace steward::orders {

events::v1::OrdersEvent ToProto(const ContractEvent& event);

// The plan as events carry it.
void ToProto(const InstalmentPlan& from,
             google::protobuf::RepeatedPtrField<events::v1::PlannedInstalment>* to);

// Journal rows of a contract's events.
std::vector<eventing::NewEvent> ToJournal(IdGenerator& ids, Time now, const Uuid& contract,
                                          const std::vector<ContractEvent>& contract_events);

}  // namespace steward::orders
