#pragma once
// Events of opportunities to what is published on `steward.leads.v1`, and to journal rows.

#include <vector>

#include "libs/eventing/journal.h"
#include "services/leads/domain/opportunity.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::leads {

// `after` is the opportunity with this event and those before it: a move carries what it is after the move.
events::v1::LeadsEvent ToProto(const Pipeline& pipeline, const OpportunityData& after,
                               const OpportunityEvent& event);

// Journal rows of the events since opening or loading, each with the domain's event id.
std::vector<eventing::NewEvent> ToJournal(const Opportunity& opportunity);

}  // namespace steward::leads
