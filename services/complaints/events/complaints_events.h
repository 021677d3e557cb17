#pragma once
// Domain events to what is published on `steward.complaints.v1`, and to journal rows.

#include <string>
#include <string_view>
#include <vector>

#include "libs/eventing/journal.h"
#include "services/complaints/domain/repeats.h"
#include "services/complaints/domain/ticket_event.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"

namespace steward::complaints {

events::v1::ComplaintsEvent ToProto(const TicketEvent& event);
events::v1::ComplaintsEvent ToProto(const FoundRepeat& repeat);

// Journal rows of a ticket's events.
std::vector<eventing::NewEvent> ToJournal(IdGenerator& ids, Time now, const Uuid& ticket,
                                          const std::vector<TicketEvent>& ticket_events);
// `repeat/{customer id}` of `customers/{customer id}`.
std::string RepeatAggregate(std::string_view customer);
// A row of that aggregate.
eventing::NewEvent ToJournal(IdGenerator& ids, Time now, std::string_view customer, int64_t version,
                             const FoundRepeat& repeat);

}  // namespace steward::complaints
