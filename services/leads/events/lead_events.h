#pragma once
// Events of leads and touches to what is published, and to journal rows.

#include <string>
#include <vector>

#include "libs/eventing/journal.h"
#include "services/leads/domain/lead_event.h"
#include "services/leads/domain/touch.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::leads {

// `lead` as it is after the event.
events::v1::LeadsEvent ToProto(const LeadData& lead, const LeadEvent& event);
// Journal rows of a lead's events, with the ids that they have.
std::vector<eventing::NewEvent> ToJournal(const LeadData& lead,
                                          const std::vector<LeadEvent>& lead_events);
// The one row of a touch. `in_person` is what its kind says.
eventing::NewEvent ToJournal(const Touch& touch, const std::string& team, bool in_person,
                             const Uuid& event_id);

}  // namespace steward::leads
