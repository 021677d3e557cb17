#include "services/complaints/events/complaints_events.h"

#include <cstdlib>

#include "libs/rpc/validate.h"
#include "services/complaints/domain/milestones.h"

namespace steward::complaints {
namespace {

using events::v1::ComplaintsEvent;
using events::v1::TicketMilestone;

struct MilestoneField {
  std::string_view milestone;
  TicketMilestone* (ComplaintsEvent::*field)();
};
constexpr MilestoneField kMilestoneFields[] = {
    {kFirstResponded, &ComplaintsEvent::mutable_ticket_first_responded},
    {kSolutionProposed, &ComplaintsEvent::mutable_ticket_solution_proposed},
    {kResolved, &ComplaintsEvent::mutable_ticket_resolved},
    {kVerified, &ComplaintsEvent::mutable_ticket_verified},
    {kClosed, &ComplaintsEvent::mutable_ticket_closed},
    {kReopened, &ComplaintsEvent::mutable_ticket_reopened},
    {"opinion.alert_responded", &ComplaintsEvent::mutable_opinion_alert_responded},
    {"opinion.graded_response_started", &ComplaintsEvent::mutable_opinion_graded_response_started},
    {"opinion.crisis_started", &ComplaintsEvent::mutable_opinion_crisis_started},
    {"opinion.responded", &ComplaintsEvent::mutable_opinion_responded},
    {"opinion.recovered", &ComplaintsEvent::mutable_opinion_recovered},
    {"review.replied", &ComplaintsEvent::mutable_review_replied},
};

void Fill(const Registered& from, ComplaintsEvent& out) {
  const TicketData& ticket = from.ticket;
  events::v1::TicketRegistered& to = *out.mutable_ticket_registered();
  to.set_kind(ticket.kind);
  to.mutable_kind_path()->Assign(from.kind_path.begin(), from.kind_path.end());
  to.set_severity(ticket.severity);
  to.set_channel(ticket.channel);
  to.set_external_id(ticket.external_id);
  to.set_customer(ticket.customer);
  to.mutable_customer_tiers()->Assign(ticket.customer_tiers.begin(), ticket.customer_tiers.end());
  to.set_partner(ticket.partner);
  to.set_product(ticket.product);
  to.set_order(ticket.order);
  to.set_serial_number(ticket.serial_number);
  to.set_topic(ticket.topic);
  to.set_owner(ticket.owner);
  to.set_team(ticket.team);
  to.set_region(ticket.region);
  to.set_customer_version(ticket.customer_version);
}

void Fill(const Assigned& from, ComplaintsEvent& out) {
  out.mutable_ticket_assigned()->set_from_owner(from.from_owner);
  out.mutable_ticket_assigned()->set_owner(from.owner);
}

void Fill(const Transferred& from, ComplaintsEvent& out) {
  events::v1::TicketTransferred& to = *out.mutable_ticket_transferred();
  to.set_from_team(from.from_team);
  to.set_team(from.team);
  to.set_from_owner(from.from_owner);
  to.set_owner(from.owner);
  to.set_from_region(from.from_region);
  to.set_region(from.region);
}

void Fill(const Reached& from, ComplaintsEvent& out) {
  for (const MilestoneField& each : kMilestoneFields) {
    if (each.milestone == from.milestone) {
      TicketMilestone& to = *(out.*each.field)();
      to.set_cycle(from.cycle);
      to.set_from_state(std::string(NameOf(from.from)));
      to.set_to_state(std::string(NameOf(from.to)));
      to.set_back_dated(from.back_dated);
      return;
    }
  }
  std::abort();  // a milestone without an event: the unit test over all of them fails first
}

void Fill(const HoldChanged& from, ComplaintsEvent& out) {
  events::v1::TicketHold& to =
      from.held ? *out.mutable_ticket_held() : *out.mutable_ticket_resumed();
  to.set_cause(from.cause);
  to.set_cycle(from.cycle);
  to.set_back_dated(from.back_dated);
}

void Fill(const Cancelled& from, ComplaintsEvent& out) {
  out.mutable_ticket_cancelled()->set_cancel_reason(from.reason);
  out.mutable_ticket_cancelled()->set_from_state(std::string(NameOf(from.from)));
}

void Fill(const SeverityChanged& from, ComplaintsEvent& out) {
  out.mutable_ticket_severity_changed()->set_from_severity(from.from_severity);
  out.mutable_ticket_severity_changed()->set_severity(from.severity);
}

void Fill(const KindChanged& from, ComplaintsEvent& out) {
  events::v1::TicketKindChanged& to = *out.mutable_ticket_kind_changed();
  to.set_from_kind(from.from_kind);
  to.set_kind(from.kind);
  to.mutable_kind_path()->Assign(from.kind_path.begin(), from.kind_path.end());
  to.set_from_severity(from.from_severity);
  to.set_severity(from.severity);
}

void Fill(const TiersLearnt& from, ComplaintsEvent& out) {
  auto& to = *out.mutable_ticket_customer_tiers_changed();
  to.mutable_from_customer_tiers()->Assign(from.from_tiers.begin(), from.from_tiers.end());
  to.mutable_customer_tiers()->Assign(from.tiers.begin(), from.tiers.end());
}

void Fill(const NoteAdded& from, ComplaintsEvent& out) {
  out.mutable_ticket_note_added()->set_note(from.note);
}

}  // namespace

ComplaintsEvent ToProto(const TicketEvent& event) {
  ComplaintsEvent proto;
  std::visit([&proto](const auto& body) { Fill(body, proto); }, event.body);
  return proto;
}

ComplaintsEvent ToProto(const FoundRepeat& repeat) {
  ComplaintsEvent proto;
  events::v1::RepeatDetected& to = *proto.mutable_repeat_detected();
  to.set_ticket(TicketName(repeat.ticket));
  to.set_first_ticket(TicketName(repeat.link.first));
  to.set_rule(repeat.link.rule);
  *to.mutable_first_occurred_at() = rpc::ToProto(repeat.link.first_occurred_at);
  return proto;
}

std::vector<eventing::NewEvent> ToJournal(IdGenerator& ids, Time now, const Uuid& ticket,
                                          const std::vector<TicketEvent>& ticket_events) {
  std::vector<eventing::NewEvent> rows;
  for (const TicketEvent& event : ticket_events) {
    rows.push_back(eventing::MakeEvent(ids, now, TicketName(ticket), event.version,
                                       event.occurred_at, ToProto(event)));
  }
  return rows;
}

std::string RepeatAggregate(std::string_view customer) {
  return "repeat/" + std::string(customer.substr(customer.find('/') + 1));
}

eventing::NewEvent ToJournal(IdGenerator& ids, Time now, std::string_view customer, int64_t version,
                             const FoundRepeat& repeat) {
  return eventing::MakeEvent(ids, now, RepeatAggregate(customer), version, repeat.occurred_at,
                             ToProto(repeat));
}

}  // namespace steward::complaints
