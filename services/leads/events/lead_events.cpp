#include "services/leads/events/lead_events.h"

#include "libs/rpc/validate.h"

namespace steward::leads {
namespace {

using events::v1::LeadsEvent;

void Fill(const LeadData&, const LeadCaptured& from, LeadsEvent& out) {
  const LeadData& lead = from.lead;
  events::v1::LeadCaptured& to = *out.mutable_lead_captured();
  to.set_channel(lead.channel);
  to.set_external_id(lead.external_id);
  to.set_source(lead.source);
  to.set_campaign(lead.campaign);
  to.set_customer(lead.customer);
  to.set_territory(lead.territory);
  to.set_industry(lead.industry);
  to.set_owner(lead.owner);
  to.set_team(lead.team);
  to.set_utm_source(lead.utm.source);
  to.set_utm_medium(lead.utm.medium);
  to.set_utm_campaign(lead.utm.campaign);
}

void Fill(const LeadData&, const LeadAssigned& from, LeadsEvent& out) {
  events::v1::LeadAssigned& to = *out.mutable_lead_assigned();
  to.set_from_owner(from.from_owner);
  to.set_owner(from.owner);
  to.set_from_team(from.from_team);
  to.set_team(from.team);
  if (!from.choice) {
    return;
  }
  to.set_rule(from.choice->rule);
  to.set_rule_version(from.choice->rule_version);
  for (const Verdict& verdict : from.choice->verdicts) {
    events::v1::LeadAssigned::Verdict& added = *to.add_verdicts();
    added.set_member(verdict.member);
    added.set_reason(verdict.reason);
    added.set_load(verdict.load);
    added.set_capacity(verdict.capacity);
    added.set_last_turn(verdict.last_turn);
  }
}

void Fill(const LeadData&, const LeadTouched& from, LeadsEvent& out) {
  events::v1::LeadTouched& to = *out.mutable_lead_touched();
  to.set_touch(from.touch);
  to.set_effective(from.effective);
  to.set_from_state(std::string(NameOf(from.from)));
  to.set_to_state(std::string(NameOf(from.to)));
}

void Fill(const LeadData& lead, const LeadConverted& from, LeadsEvent& out) {
  events::v1::LeadConverted& to = *out.mutable_lead_converted();
  to.set_opportunity(from.opportunity);
  to.set_customer(from.customer);
  to.set_owner(from.owner);
  to.set_team(lead.team);
  to.set_campaign(lead.campaign);
}

void Fill(const LeadData&, const LeadDisqualified& from, LeadsEvent& out) {
  events::v1::LeadDisqualified& to = *out.mutable_lead_disqualified();
  to.set_reason(from.reason);
  to.set_from_state(std::string(NameOf(from.from)));
}

void Fill(const LeadData&, const LeadRecycled& from, LeadsEvent& out) {
  events::v1::LeadRecycled& to = *out.mutable_lead_recycled();
  to.set_cause(from.cause);
  to.set_from_owner(from.from_owner);
}

void Fill(const LeadData&, const LeadRestored& from, LeadsEvent& out) {
  out.mutable_lead_restored()->set_reason(from.reason);
}

eventing::NewEvent RowOf(const Uuid& event_id, std::string aggregate, int64_t version,
                         Time occurred_at, const LeadsEvent& event) {
  return {event_id,    std::move(aggregate),     version, eventing::EventName(event),
          occurred_at, event.SerializeAsString()};
}

}  // namespace

LeadsEvent ToProto(const LeadData& lead, const LeadEvent& event) {
  LeadsEvent proto;
  std::visit([&](const auto& body) { Fill(lead, body, proto); }, event.body);
  return proto;
}

std::vector<eventing::NewEvent> ToJournal(const LeadData& lead,
                                          const std::vector<LeadEvent>& lead_events) {
  std::vector<eventing::NewEvent> rows;
  for (const LeadEvent& event : lead_events) {
    rows.push_back(RowOf(event.event_id, LeadName(lead.id), event.version, event.occurred_at,
                         ToProto(lead, event)));
  }
  return rows;
}

eventing::NewEvent ToJournal(const Touch& touch, const std::string& team, bool in_person,
                             const Uuid& event_id) {
  LeadsEvent event;
  events::v1::TouchRecorded& to = *event.mutable_touch_recorded();
  to.set_kind(touch.kind);
  to.set_outcome(touch.outcome);
  to.set_effective(touch.effective);
  to.set_in_person(in_person);
  to.set_member(touch.member);
  to.set_team(team);
  to.set_customer(touch.customer);
  to.set_lead(touch.lead);
  to.set_opportunity(touch.opportunity);
  return RowOf(event_id, TouchName(touch.id), 1, touch.occurred_at, event);
}

}  // namespace steward::leads
