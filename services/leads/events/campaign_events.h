#pragma once
// Events of campaigns to what is published on `steward.leads.v1`, and to journal rows.

#include <vector>

#include "libs/eventing/journal.h"
#include "services/leads/domain/campaign_event.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::leads {

events::v1::LeadsEvent ToProto(const CampaignEvent& event);

// Journal rows of a campaign's events, each with the id that the domain gave its event.
std::vector<eventing::NewEvent> ToJournal(const Uuid& campaign,
                                          const std::vector<CampaignEvent>& campaign_events);

}  // namespace steward::leads
