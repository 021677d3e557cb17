#include "services/orders/events/inputs.h"

#include "libs/base/status.h"
#include "services/orders/storage/won_store.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::orders {
namespace {

using leads::events::v1::LeadsEvent;

// The opportunity that this event says was won, or null.
const leads::events::v1::OpportunityMoved* WonBy(const eventing::Event& event) {
  if (event.topic != kLeadsTopic) {
    return nullptr;
  }
  const auto& message = static_cast<const LeadsEvent&>(*event.message);
  return message.has_opportunity_won() ? &message.opportunity_won() : nullptr;
}

}  // namespace

std::vector<eventing::Input> Inputs(int leads_partitions) {
  return {identity::DirectoryInput(),
          {kLeadsTopic, &LeadsEvent::default_instance(), leads_partitions}};
}

std::vector<pg::LockKey> OrdersProjection::Locks(const std::vector<eventing::Event>&) const {
  return {};
}

absl::Status OrdersProjection::Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) {
  for (const eventing::Event& event : events) {
    if (event.topic == identity::kDirectoryTopic) {
      RETURN_IF_ERROR(identity::ApplyDirectoryEvent(tx, event));
    } else if (const auto* won = WonBy(event); won != nullptr) {
      QueueWon(tx,
               {event.aggregate, won->cycle(), event.event_id, event.origin.correlation,
                event.origin.traceparent, 0, ""},
               clock_.Now());
    }
  }
  return absl::OkStatus();
}

void OrdersProjection::Applied(const std::vector<eventing::Event>& events) {
  bool directory = false;
  bool won = false;
  for (const eventing::Event& event : events) {
    directory = directory || event.topic == identity::kDirectoryTopic;
    won = won || WonBy(event) != nullptr;
  }
  if (directory) {
    directory_changed_();
  }
  if (won) {
    won_();
  }
}

}  // namespace steward::orders
