// Tickets as facts.

#include "libs/base/status.h"
#include "services/scoring/events/facts.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"

namespace steward::scoring {
namespace {

namespace pb = complaints::events::v1;

// Root first: `complaint/quality` lies below `complaint`.
template <class Path>
std::string PathOf(const Path& nearest_first) {
  std::string path;
  for (const std::string& kind : nearest_first) {
    path = path.empty() ? kind : kind + "/" + path;
  }
  return path;
}

// The registration follows the ticket to its present owner and kind, on the day it was registered.
void Move(const Mapper& mapper, const Source& source, std::vector<Step>& steps) {
  if (source.started_at) {
    steps.emplace_back(TakeBack{{"tickets_registered"}, true});
    steps.emplace_back(
        Count("tickets_registered", mapper.DayOf(*source.started_at), source.of, source.qualifier));
  }
}

}  // namespace

absl::StatusOr<std::vector<Step>> Mapper::Complaints(const eventing::Event& event,
                                                     Source& source) const {
  const auto& message = static_cast<const pb::ComplaintsEvent&>(*event.message);
  const absl::CivilDay day = DayOf(event.occurred_at);
  std::vector<Step> steps;
  switch (message.event_case()) {
    case pb::ComplaintsEvent::kTicketRegistered:
      source.of = DimensionsOf(message.ticket_registered());
      source.qualifier = PathOf(message.ticket_registered().kind_path());
      source.started_at = event.occurred_at;
      steps.emplace_back(Count("tickets_registered", day, source.of, source.qualifier));
      break;
    case pb::ComplaintsEvent::kTicketAssigned:
      source.of.member = message.ticket_assigned().owner();
      Move(*this, source, steps);
      break;
    case pb::ComplaintsEvent::kTicketTransferred:
      source.of.team = message.ticket_transferred().team();
      source.of.member = message.ticket_transferred().owner();
      source.of.region = RegionName(message.ticket_transferred().region());
      Move(*this, source, steps);
      break;
    case pb::ComplaintsEvent::kTicketKindChanged:
      source.qualifier = PathOf(message.ticket_kind_changed().kind_path());
      Move(*this, source, steps);
      break;
    case pb::ComplaintsEvent::kTicketResolved:
      steps.emplace_back(Count("tickets_resolved", day, source.of, source.qualifier));
      break;
    case pb::ComplaintsEvent::kTicketReopened:
      steps.emplace_back(TakeBack{{"tickets_resolved"}, false});
      break;
    case pb::ComplaintsEvent::kTicketCancelled:
      steps.emplace_back(TakeBack{{"tickets_registered", "tickets_resolved"}, true});
      source.started_at.reset();
      break;
    case pb::ComplaintsEvent::kRepeatDetected: {
      Dimensions of;  // the key is `repeat/{customer id}`
      of.customer = "customers/" + event.aggregate.substr(event.aggregate.find('/') + 1);
      steps.emplace_back(Count("tickets_repeated", day, of, message.repeat_detected().rule()));
      break;
    }
    default:
      break;
  }
  return steps;
}

}  // namespace steward::scoring
