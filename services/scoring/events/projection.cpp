#include "services/scoring/events/projection.h"

#include <algorithm>
#include <set>

#include "libs/base/status.h"
#include "libs/identity/projection.h"
#include "services/scoring/events/lead_events.h"
#include "services/scoring/storage/fact_store.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"
#include "steward/leads/events/v1/leads_events.pb.h"
#include "steward/orders/events/v1/orders_events.pb.h"
#include "steward/sla/events/v1/sla_events.pb.h"

namespace steward::scoring {
namespace {

bool IsDirectory(const eventing::Event& event) { return event.topic == identity::kDirectoryTopic; }
bool IsMeasurement(const eventing::Event& event) { return event.topic == kMeasurementsTopic; }

}  // namespace

std::vector<eventing::Input> Inputs(int partitions) {
  return {
      {kLeadsTopic, &leads::events::v1::LeadsEvent::default_instance(), partitions},
      {kOrdersTopic, &orders::events::v1::OrdersEvent::default_instance(), partitions},
      {kComplaintsTopic, &complaints::events::v1::ComplaintsEvent::default_instance(), partitions},
      {kSlaTopic, &sla::events::v1::SlaEvent::default_instance(), partitions},
      MeasurementsInput(),
      identity::DirectoryInput()};
}

std::vector<pg::LockKey> FactProjection::Locks(const std::vector<eventing::Event>& events) const {
  // A fact depends on its aggregate alone, whose key is locked anyway. The sums of the company are in every transaction: one lock
  // instead of rows in an order that two batches do not share.
  std::vector<pg::LockKey> locks = {pg::LockKey::Exclusive(kSumsLock)};
  if (std::any_of(events.begin(), events.end(), IsMeasurement)) {
    locks.push_back(MeasurementIntake::Lock());
  }
  return locks;
}

absl::Status FactProjection::Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) {
  std::vector<const eventing::Event*> counted, measured;
  for (const eventing::Event& event : events) {
    if (IsDirectory(event)) {
      RETURN_IF_ERROR(identity::ApplyDirectoryEvent(tx, event));
    } else {
      (IsMeasurement(event) ? measured : counted).push_back(&event);
    }
  }
  if (!measured.empty()) {
    RETURN_IF_ERROR(intake_.Apply(tx, measured));
  }
  if (counted.empty()) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(ApplyFacts(tx, counted));
  return ApplyLeadEvents(tx, counted);
}

absl::Status FactProjection::ApplyFacts(pg::Tx& tx,
                                        const std::vector<const eventing::Event*>& events) {
  std::set<std::string> keys;
  for (const eventing::Event* event : events) {
    if (Mapper::HasSource(*event)) {
      keys.insert(event->aggregate);
    }
  }
  std::map<std::string, Source> sources;
  if (!keys.empty()) {
    const pg::Pending stored = QueueLoadSources(tx, {keys.begin(), keys.end()});
    RETURN_IF_ERROR(tx.Flush());
    sources = ReadSources(*stored);
  }
  FactWriter writer(tx);
  std::map<std::string, VersionedSource> changed;
  for (const eventing::Event* event : events) {
    Source& source = sources[event->aggregate];
    ASSIGN_OR_RETURN(const std::vector<Step> steps, mapper_.Map(*event, source));
    writer.Add({event->event_id, event->aggregate, event->version, event->occurred_at,
                mapper_.DayOf(event->occurred_at)},
               steps);
    if (Mapper::HasSource(*event)) {
      changed[event->aggregate] = {event->version, source};
    }
  }
  writer.Finish();
  QueueSources(tx, changed);
  return absl::OkStatus();
}

void FactProjection::Applied(const std::vector<eventing::Event>& events) {
  const auto directory =
      static_cast<size_t>(std::count_if(events.begin(), events.end(), IsDirectory));
  if (directory > 0 && deps_.organisation_changed) {
    deps_.organisation_changed();
  }
  const auto measured =
      static_cast<size_t>(std::count_if(events.begin(), events.end(), IsMeasurement));
  if (measured > 0 && deps_.recorded) {
    deps_.recorded();
  }
  if (directory + measured < events.size() && deps_.counted) {
    deps_.counted(events.size() - directory - measured);
  }
}

}  // namespace steward::scoring
