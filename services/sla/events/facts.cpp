#include "services/sla/events/facts.h"

#include "libs/base/status.h"
#include "libs/identity/projection.h"
#include "libs/rpc/validate.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"
#include "steward/leads/events/v1/leads_events.pb.h"
#include "steward/orders/events/v1/orders_events.pb.h"

namespace steward::sla {
namespace {

using complaints::events::v1::ComplaintsEvent;
using leads::events::v1::LeadsEvent;
using orders::events::v1::OrdersEvent;

constexpr char kScheduledStart[] = "campaign.scheduled_start";

template <class List>
std::vector<std::string> Strings(const List& list) {
  return {list.begin(), list.end()};
}

// Whom a subject belongs to, of the messages that say it in full.
template <class Message>
void TakeOwner(const Message& m, Fact& fact) {
  fact.region = m.region();
  fact.owner = m.owner();
  fact.team = m.team();
}

void FromRegistered(const complaints::events::v1::TicketRegistered& m, Fact& fact) {
  fact.kind_path = Strings(m.kind_path());
  fact.severity = m.severity();
  fact.tiers = Strings(m.customer_tiers());
  fact.channel = m.channel();
  fact.customer = m.customer();
  fact.customer_version = m.customer_version();
  TakeOwner(m, fact);
}

// False = it says nothing to clocks; true for milestones, of which the type says all.
bool Fill(const ComplaintsEvent& event, Fact& fact) {
  switch (event.event_case()) {
    case ComplaintsEvent::kTicketRegistered:
      FromRegistered(event.ticket_registered(), fact);
      return true;
    case ComplaintsEvent::kTicketAssigned:
      fact.owner = event.ticket_assigned().owner();
      return true;
    case ComplaintsEvent::kTicketTransferred: {
      const auto& m = event.ticket_transferred();
      fact.team = m.team();
      fact.owner = m.owner();
      if (m.region() != m.from_region()) {
        fact.region = m.region();
      }
      return true;
    }
    case ComplaintsEvent::kTicketHeld:
      fact.cause = event.ticket_held().cause();
      return true;
    case ComplaintsEvent::kTicketResumed:
      fact.cause = event.ticket_resumed().cause();
      return true;
    case ComplaintsEvent::kTicketSeverityChanged:
      fact.severity = event.ticket_severity_changed().severity();
      return true;
    case ComplaintsEvent::kTicketKindChanged:
      fact.kind_path = Strings(event.ticket_kind_changed().kind_path());
      fact.severity = event.ticket_kind_changed().severity();
      return true;
    case ComplaintsEvent::kTicketCustomerTiersChanged:
      fact.tiers = Strings(event.ticket_customer_tiers_changed().customer_tiers());
      return true;
    case ComplaintsEvent::kRepeatDetected:
    case ComplaintsEvent::kTicketNoteAdded:
    case ComplaintsEvent::EVENT_NOT_SET:
      return false;
    default:
      return true;
  }
}

bool Fill(const LeadsEvent& event, Fact& fact) {
  switch (event.event_case()) {
    case LeadsEvent::kCustomerRegistered:
      fact.tiers = Strings(event.customer_registered().tiers());
      return true;
    case LeadsEvent::kCustomerTierChanged:
      fact.tiers = Strings(event.customer_tier_changed().tiers());
      return true;
    case LeadsEvent::kCampaignPlanned: {
      const auto& m = event.campaign_planned();
      fact.type = kScheduledStart;
      fact.planned = rpc::FromProto(m.planned_start_time());
      fact.kind_path = Strings(m.kind_path());
      TakeOwner(m, fact);
      return true;
    }
    case LeadsEvent::kCampaignRescheduled:
      fact.type = kScheduledStart;
      fact.planned = rpc::FromProto(event.campaign_rescheduled().planned_start_time());
      return true;
    case LeadsEvent::kCampaignRehearsed:
    case LeadsEvent::kCampaignStarted:
    case LeadsEvent::kCampaignEnded:
    case LeadsEvent::kCampaignRecapSubmitted:
    case LeadsEvent::kCampaignArchived:
    case LeadsEvent::kCampaignCancelled:
      return true;
    default:
      return false;
  }
}

// What is paid or reopened before its due date has passed is nothing to escalate.
bool Fill(const OrdersEvent& event, Fact& fact) {
  switch (event.event_case()) {
    case OrdersEvent::kInstalmentDueDatePassed: {
      const auto& m = event.instalment_due_date_passed();
      fact.cycle = m.cycle();
      fact.kind_path = Strings(m.kind_path());
      TakeOwner(m, fact);
      return true;
    }
    case OrdersEvent::kInstalmentPaid:
      return event.instalment_paid().cycle() > 0;
    case OrdersEvent::kInstalmentReopened:
      return event.instalment_reopened().cycle() > 0;
    case OrdersEvent::kInstalmentAssigned:
      fact.owner = event.instalment_assigned().owner();
      fact.team = event.instalment_assigned().team();
      return true;
    default:
      return false;
  }
}

template <class Message>
absl::StatusOr<Fact> Parse(const StoredFact& stored) {
  Message message;
  if (!message.ParseFromArray(stored.payload.data(), static_cast<int>(stored.payload.size()))) {
    return absl::DataLossError("subject_fact: payload does not parse");
  }
  Fact fact;
  fact.event_id = stored.event_id.ToString();
  fact.number = stored.number;
  fact.type = eventing::EventName(message);
  fact.occurred_at = stored.occurred_at;
  Fill(message, fact);
  return fact;
}

bool FillFrom(const eventing::Event& event, Fact& fact) {
  if (event.topic == kComplaintsTopic) {
    return IsTicket(event.aggregate) &&
           Fill(static_cast<const ComplaintsEvent&>(*event.message), fact);
  }
  if (event.topic == kLeadsTopic) {
    return event.aggregate.starts_with("campaigns/") &&
           Fill(static_cast<const LeadsEvent&>(*event.message), fact);
  }
  return event.topic == kOrdersTopic && Fill(static_cast<const OrdersEvent&>(*event.message), fact);
}

}  // namespace

std::vector<eventing::Input> Inputs(int partitions) {
  return {{kComplaintsTopic, &ComplaintsEvent::default_instance(), partitions},
          {kLeadsTopic, &LeadsEvent::default_instance(), partitions},
          {kOrdersTopic, &OrdersEvent::default_instance(), partitions},
          identity::DirectoryInput()};
}

std::optional<Fact> ToFact(const eventing::Event& event) {
  Fact fact;
  fact.event_id = event.event_id.ToString();
  fact.number = event.version;
  fact.type = event.type;
  fact.occurred_at = event.occurred_at;
  return FillFrom(event, fact) ? std::optional(std::move(fact)) : std::nullopt;
}

absl::StatusOr<Fact> ToFact(const StoredFact& stored) {
  switch (stored.source) {
    case FactSource::kComplaints:
      return Parse<ComplaintsEvent>(stored);
    case FactSource::kLeads:
      return Parse<LeadsEvent>(stored);
    case FactSource::kOrders:
      return Parse<OrdersEvent>(stored);
  }
  return absl::DataLossError("subject_fact: unknown source");
}

StoredFact ToStored(const eventing::Event& event) {
  const FactSource source = event.topic == kComplaintsTopic ? FactSource::kComplaints
                            : event.topic == kLeadsTopic    ? FactSource::kLeads
                                                            : FactSource::kOrders;
  return {event.aggregate,
          event.version,
          event.event_id,
          event.type,
          event.occurred_at,
          source,
          event.message->SerializeAsString()};
}

bool TellsTiers(const eventing::Event& event) {
  if (event.topic != kLeadsTopic) {
    return false;
  }
  const auto& message = static_cast<const LeadsEvent&>(*event.message);
  return message.has_customer_tier_changed() ||
         (message.has_customer_registered() && !message.customer_registered().tiers().empty());
}

bool IsTicket(std::string_view subject) { return subject.starts_with("complaints/"); }

}  // namespace steward::sla
