#include "services/complaints/api/history.h"

#include "absl/strings/str_join.h"
#include "libs/rpc/validate.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"

namespace steward::complaints {
namespace {

using events::v1::ComplaintsEvent;

class Changes {
 public:
  explicit Changes(v1::TicketChange common) : common_(std::move(common)) {}
  void Always(std::string_view field, const std::string& from, const std::string& to) {
    v1::TicketChange change = common_;
    change.set_field(std::string(field));
    change.set_from(from);
    change.set_to(to);
    changes_.push_back(std::move(change));
  }
  void IfChanged(std::string_view field, const std::string& from, const std::string& to) {
    if (from != to) {
      Always(field, from, to);
    }
  }
  std::vector<v1::TicketChange> Take() { return std::move(changes_); }

 private:
  v1::TicketChange common_;
  std::vector<v1::TicketChange> changes_;
};

// Every milestone has the same message; which field holds it is in the type.
const events::v1::TicketMilestone* MilestoneOf(const ComplaintsEvent& event) {
  const auto* reflection = event.GetReflection();
  const auto* oneof = event.GetDescriptor()->FindOneofByName("event");
  const auto* field = reflection->GetOneofFieldDescriptor(event, oneof);
  if (field == nullptr || field->message_type() != events::v1::TicketMilestone::descriptor()) {
    return nullptr;
  }
  return static_cast<const events::v1::TicketMilestone*>(&reflection->GetMessage(event, field));
}

void Fill(const ComplaintsEvent& event, Changes& changes) {
  if (const auto* milestone = MilestoneOf(event); milestone != nullptr) {
    changes.Always("", milestone->from_state(), milestone->to_state());
    return;
  }
  switch (event.event_case()) {
    case ComplaintsEvent::kTicketRegistered:
      changes.Always("", "", "RECORDED");
      break;
    case ComplaintsEvent::kTicketAssigned:
      changes.Always("owner", event.ticket_assigned().from_owner(),
                     event.ticket_assigned().owner());
      break;
    case ComplaintsEvent::kTicketTransferred: {
      const auto& moved = event.ticket_transferred();
      changes.Always("team", moved.from_team(), moved.team());
      changes.IfChanged("owner", moved.from_owner(), moved.owner());
      changes.IfChanged("region", moved.from_region(), moved.region());
      break;
    }
    case ComplaintsEvent::kTicketHeld:
      changes.Always("hold", "", event.ticket_held().cause());
      break;
    case ComplaintsEvent::kTicketResumed:
      changes.Always("hold", event.ticket_resumed().cause(), "");
      break;
    case ComplaintsEvent::kTicketCancelled:
      changes.Always("cancel_reason", "", event.ticket_cancelled().cancel_reason());
      break;
    case ComplaintsEvent::kTicketSeverityChanged:
      changes.Always("severity", event.ticket_severity_changed().from_severity(),
                     event.ticket_severity_changed().severity());
      break;
    case ComplaintsEvent::kTicketKindChanged: {
      const auto& changed = event.ticket_kind_changed();
      changes.Always("kind", changed.from_kind(), changed.kind());
      changes.IfChanged("severity", changed.from_severity(), changed.severity());
      break;
    }
    case ComplaintsEvent::kTicketCustomerTiersChanged: {
      const auto& learnt = event.ticket_customer_tiers_changed();
      changes.Always("customer_tiers", absl::StrJoin(learnt.from_customer_tiers(), ", "),
                     absl::StrJoin(learnt.customer_tiers(), ", "));
      break;
    }
    case ComplaintsEvent::kTicketNoteAdded:
      changes.Always("notes", "", event.ticket_note_added().note());
      break;
    default:
      changes.Always("", "", "");  // an event of a later version: that it happened is still told
      break;
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::TicketChange>> ChangesOf(const eventing::JournalRow& row,
                                                        std::string_view reason) {
  ComplaintsEvent event;
  if (!event.ParseFromString(row.payload)) {
    return absl::InternalError("journal row of " + row.aggregate + " does not parse");
  }
  v1::TicketChange common;
  common.set_version(row.aggregate_version);
  common.set_type(row.type);
  *common.mutable_occurred_at() = rpc::ToProto(row.occurred_at);
  *common.mutable_recorded_at() = rpc::ToProto(row.recorded_at);
  common.set_actor(row.actor);
  common.set_reason(std::string(reason));
  Changes changes(std::move(common));
  Fill(event, changes);
  return changes.Take();
}

}  // namespace steward::complaints
