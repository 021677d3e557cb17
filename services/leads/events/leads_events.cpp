#include "services/leads/events/leads_events.h"

#include "libs/rpc/validate.h"

namespace steward::leads {
namespace {

using events::v1::LeadsEvent;

template <class Repeated>
void Assign(const std::vector<std::string>& from, Repeated* to) {
  to->Assign(from.begin(), from.end());
}

void Fill(const std::string&, const CustomerRegistered& from, LeadsEvent& out) {
  events::v1::CustomerRegistered& to = *out.mutable_customer_registered();
  to.set_industry(from.facts.industry);
  to.set_region(from.facts.region);
  to.set_owner(from.facts.owner);
  to.set_team(from.facts.team);
  Assign(ToTexts(from.tiers), to.mutable_tiers());
}

void Fill(const std::string&, const CustomerUpdated& from, LeadsEvent& out) {
  events::v1::CustomerUpdated& to = *out.mutable_customer_updated();
  Assign(from.changed_fields, to.mutable_changed_fields());
  to.set_from_industry(from.from.industry);
  to.set_industry(from.to.industry);
  to.set_from_region(from.from.region);
  to.set_region(from.to.region);
  to.set_from_owner(from.from.owner);
  to.set_owner(from.to.owner);
  to.set_from_team(from.from.team);
  to.set_team(from.to.team);
}

void Fill(const std::string& customer, const CustomerTierChanged& from, LeadsEvent& out) {
  events::v1::CustomerTierChanged& to = *out.mutable_customer_tier_changed();
  to.set_customer(CustomerName(customer));
  to.set_scheme(from.scheme);
  to.set_from_tier(from.from_tier);
  to.set_tier(from.tier);
  *to.mutable_effective_from() = rpc::ToProto(from.effective_from);
  to.set_rule(from.rule);
  Assign(ToTexts(from.tiers), to.mutable_tiers());
}

}  // namespace

LeadsEvent ToProto(const std::string& customer, const CustomerEvent& event) {
  LeadsEvent proto;
  std::visit([&](const auto& body) { Fill(customer, body, proto); }, event.body);
  return proto;
}

std::vector<eventing::NewEvent> ToJournal(IdGenerator& ids, Time now, const std::string& customer,
                                          const std::vector<CustomerEvent>& customer_events) {
  std::vector<eventing::NewEvent> rows;
  for (const CustomerEvent& event : customer_events) {
    rows.push_back(eventing::MakeEvent(ids, now, CustomerName(customer), event.version,
                                       event.occurred_at, ToProto(customer, event)));
  }
  return rows;
}

}  // namespace steward::leads
