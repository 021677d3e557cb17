#pragma once
// Domain events to what is published on `steward.leads.v1`, and to journal rows.

#include <string>
#include <vector>

#include "libs/eventing/journal.h"
#include "services/leads/domain/customer_event.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::leads {

events::v1::LeadsEvent ToProto(const std::string& customer, const CustomerEvent& event);

// Journal rows of a customer's events.
std::vector<eventing::NewEvent> ToJournal(IdGenerator& ids, Time now, const std::string& customer,
                                          const std::vector<CustomerEvent>& customer_events);

}  // namespace steward::leads
