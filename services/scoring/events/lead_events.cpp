#include "services/scoring/events/lead_events.h"

#include <set>

#include "libs/base/status.h"
#include "services/scoring/events/facts.h"
#include "services/scoring/storage/lead_store.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::scoring {
namespace {

namespace pb = leads::events::v1;
using pb::LeadsEvent;

const LeadsEvent& MessageOf(const eventing::Event& event) {
  return static_cast<const LeadsEvent&>(*event.message);
}

// The lead that an opportunity's event names; empty where it names none.
std::string LeadOf(const LeadsEvent& m) {
  switch (m.event_case()) {
    case LeadsEvent::kOpportunityOpened:
      return m.opportunity_opened().lead();
    case LeadsEvent::kOpportunityAdvanced:
      return m.opportunity_advanced().lead();
    case LeadsEvent::kOpportunityWon:
      return m.opportunity_won().lead();
    case LeadsEvent::kOpportunityLost:
      return m.opportunity_lost().lead();
    case LeadsEvent::kOpportunityHibernated:
      return m.opportunity_hibernated().lead();
    case LeadsEvent::kOpportunityWoken:
      return m.opportunity_woken().lead();
    case LeadsEvent::kOpportunityReopened:
      return m.opportunity_reopened().lead();
    default:
      return "";
  }
}

struct Names {
  std::set<std::string> leads, opportunities;
};

Names NamesOf(const std::vector<const eventing::Event*>& events) {
  Names names;
  for (const eventing::Event* event : events) {
    if (event->aggregate.starts_with("leads/")) {
      names.leads.insert(event->aggregate);
    } else if (event->aggregate.starts_with("opportunities/")) {
      names.opportunities.insert(event->aggregate);
      if (std::string lead = LeadOf(MessageOf(*event)); !lead.empty()) {
        names.leads.insert(std::move(lead));
      }
    } else if (MessageOf(*event).has_touch_recorded() &&
               !MessageOf(*event).touch_recorded().lead().empty()) {
      names.leads.insert(MessageOf(*event).touch_recorded().lead());
    }
  }
  return names;
}

void Capture(const pb::LeadCaptured& m, LeadRecord& lead) {
  lead.captured = true;
  lead.source = m.source();
  lead.channel = m.channel();
  lead.territory = m.territory();
  lead.industry = m.industry();
  lead.campaign = m.campaign();
  lead.utm_source = m.utm_source();
  lead.utm_medium = m.utm_medium();
  lead.utm_campaign = m.utm_campaign();
  lead.customer = m.customer();
  lead.owner = m.owner();
  lead.team = m.team();
}

void TakeLead(LeadBook& book, const eventing::Event& event) {
  LeadRecord* lead = book.Lead(event.aggregate, event.version);
  if (lead == nullptr) {
    return;
  }
  const LeadsEvent& m = MessageOf(event);
  switch (m.event_case()) {
    case LeadsEvent::kLeadCaptured:
      Capture(m.lead_captured(), *lead);
      break;
    case LeadsEvent::kLeadAssigned:
      lead->owner = m.lead_assigned().owner();
      lead->team = m.lead_assigned().team();
      break;
    case LeadsEvent::kLeadConverted:
      lead->customer = m.lead_converted().customer();
      break;
    case LeadsEvent::kLeadDisqualified:
      lead->disqualified = true;
      break;
    case LeadsEvent::kLeadRestored:
      lead->disqualified = false;
      break;
    case LeadsEvent::kLeadRecycled:
      lead->owner.clear();
      book.Enter(event.aggregate,
                 {event.event_id, "recycled/" + m.lead_recycled().cause(), event.occurred_at});
      break;
    default:
      break;  // the touch itself is counted, not that the lead was touched
  }
}

// What the move is for the points of the lead; "" = nothing.
std::string KindOf(const LeadsEvent& m) {
  switch (m.event_case()) {
    case LeadsEvent::kOpportunityOpened:
      return "opportunity/opened";
    case LeadsEvent::kOpportunityAdvanced:
      return "opportunity/advanced/" + m.opportunity_advanced().to_stage();
    case LeadsEvent::kOpportunityHibernated:
      return "opportunity/hibernated";
    case LeadsEvent::kOpportunityWoken:
      return "opportunity/woken";
    case LeadsEvent::kOpportunityReopened:
      return "opportunity/reopened";
    default:
      return "";
  }
}

void Move(const pb::OpportunityMoved& m, LeadOpportunity& opportunity) {
  opportunity.win_basis_points = m.win_basis_points();
  opportunity.team = m.team();
}

void TakeMove(LeadBook& book, const eventing::Event& event, LeadOpportunity& opportunity) {
  const LeadsEvent& m = MessageOf(event);
  switch (m.event_case()) {
    case LeadsEvent::kOpportunityOpened:
      opportunity.win_basis_points = m.opportunity_opened().win_basis_points();
      opportunity.team = m.opportunity_opened().team();
      opportunity.stage = m.opportunity_opened().stage();
      break;
    case LeadsEvent::kOpportunityAdvanced:
      Move(m.opportunity_advanced(), opportunity);
      opportunity.stage = m.opportunity_advanced().to_stage();
      break;
    case LeadsEvent::kOpportunityHibernated:
      Move(m.opportunity_hibernated(), opportunity);
      break;
    case LeadsEvent::kOpportunityWoken:
      Move(m.opportunity_woken(), opportunity);
      opportunity.stage = m.opportunity_woken().to_stage();
      break;
    case LeadsEvent::kOpportunityWon:
      Move(m.opportunity_won(), opportunity);
      opportunity.closed = true;
      book.Decide(opportunity, event.event_id, Verdict::kWon);
      break;
    case LeadsEvent::kOpportunityLost:
      Move(m.opportunity_lost(), opportunity);
      opportunity.closed = true;
      book.Decide(opportunity, event.event_id, Verdict::kLost);
      break;
    case LeadsEvent::kOpportunityReopened:
      Move(m.opportunity_reopened(), opportunity);
      opportunity.stage = m.opportunity_reopened().to_stage();
      opportunity.closed = false;
      book.Withdraw(opportunity);
      break;
    case LeadsEvent::kOpportunityAssigned:
      opportunity.team = m.opportunity_assigned().team();
      break;
    default:
      break;
  }
}

void TakeOpportunity(LeadBook& book, const eventing::Event& event) {
  const LeadsEvent& m = MessageOf(event);
  LeadOpportunity* opportunity = book.Opportunity(event.aggregate, LeadOf(m), event.version);
  if (opportunity == nullptr) {
    return;
  }
  TakeMove(book, event, *opportunity);
  if (std::string kind = KindOf(m); !kind.empty() && !opportunity->lead.empty()) {
    book.Enter(opportunity->lead, {event.event_id, std::move(kind), event.occurred_at});
  }
}

void TakeTouch(LeadBook& book, const eventing::Event& event) {
  const pb::TouchRecorded& touch = MessageOf(event).touch_recorded();
  if (!touch.lead().empty()) {
    const std::string what = touch.effective() ? "touch/effective/" : "touch/tried/";
    book.Enter(touch.lead(), {event.event_id, what + touch.kind(), event.occurred_at});
  }
}

void TakeCustomer(pg::Tx& tx, const eventing::Event& event) {
  const LeadsEvent& m = MessageOf(event);
  if (m.has_customer_registered()) {
    const auto& tiers = m.customer_registered().tiers();
    QueueTiers(tx, {event.aggregate, event.version, {tiers.begin(), tiers.end()}});
  } else if (m.has_customer_tier_changed()) {
    const auto& tiers = m.customer_tier_changed().tiers();
    QueueTiers(tx, {event.aggregate, event.version, {tiers.begin(), tiers.end()}});
  }
}

}  // namespace

absl::Status ApplyLeadEvents(pg::Tx& tx, const std::vector<const eventing::Event*>& events) {
  std::vector<const eventing::Event*> mine;
  for (const eventing::Event* event : events) {
    if (event->topic == kLeadsTopic) {
      mine.push_back(event);
    }
  }
  const Names names = NamesOf(mine);
  if (!names.leads.empty() || !names.opportunities.empty()) {
    ASSIGN_OR_RETURN(LeadBook::Contents stored,
                     LoadBook(tx, {names.leads.begin(), names.leads.end()},
                              {names.opportunities.begin(), names.opportunities.end()}));
    LeadBook book(std::move(stored));
    for (const eventing::Event* event : mine) {
      if (event->aggregate.starts_with("leads/")) {
        TakeLead(book, *event);
      } else if (event->aggregate.starts_with("opportunities/")) {
        TakeOpportunity(book, *event);
      } else if (MessageOf(*event).has_touch_recorded()) {
        TakeTouch(book, *event);
      }
    }
    QueueChanges(tx, book.Take());
  }
  for (const eventing::Event* event : mine) {
    if (event->aggregate.starts_with("customers/")) {
      TakeCustomer(tx, *event);
    }
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
