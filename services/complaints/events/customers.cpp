#include "services/complaints/events/customers.h"

#include <algorithm>
#include <mutex>

#include "libs/base/status.h"
#include "libs/log/log.h"
#include "services/complaints/storage/customer_store.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::complaints {
namespace {

using leads::events::v1::LeadsEvent;

bool IsDirectory(const eventing::Event& event) { return event.topic == identity::kDirectoryTopic; }

bool IsCustomer(const eventing::Event& event) {
  return event.topic == kLeadsTopic && event.aggregate.starts_with("customers/");
}

}  // namespace

eventing::Input LeadsInput(int partitions) {
  return {kLeadsTopic, &LeadsEvent::default_instance(), partitions};
}

CustomerCache::CustomerCache(pg::Options options)
    : options_(std::move(options)), loop_("customers", Seconds(1), [this] {
        if (const absl::Status status = Refresh(); !status.ok()) {
          log::Warning("cannot read customers",
                       {{"error", std::string(FromAbsl(status.message()))}});
        }
      }) {}

std::optional<KnownCustomer> CustomerCache::Find(const std::string& name) const {
  const std::shared_lock lock(mutex_);
  const auto found = customers_.find(name);
  return found == customers_.end()
             ? std::nullopt
             : std::optional(KnownCustomer{found->second.version, *found->second.tiers});
}

absl::Status CustomerCache::Refresh() {
  if (connection_ == nullptr || !connection_->healthy()) {
    ASSIGN_OR_RETURN(connection_, pg::Connection::Open(options_));
  }
  ASSIGN_OR_RETURN(NewCustomers fresh, FindNewCustomers(*connection_, next_));
  next_ = fresh.next;
  const std::unique_lock lock(mutex_);
  for (CustomerRow& row : fresh.customers) {
    Tiers& shared = known_tiers_[row.tiers];
    if (shared == nullptr) {
      shared = std::make_shared<const std::vector<std::string>>(std::move(row.tiers));
    }
    customers_.insert_or_assign(std::move(row.name), Entry{row.version, shared});
  }
  return absl::OkStatus();
}

void ApplyCustomerEvent(pg::Tx& tx, const eventing::Event& event) {
  const auto& message = static_cast<const LeadsEvent&>(*event.message);
  if (message.has_customer_registered()) {
    const auto& tiers = message.customer_registered().tiers();
    QueuePutCustomer(tx, {event.aggregate, event.version, {tiers.begin(), tiers.end()}});
  } else if (message.has_customer_tier_changed()) {
    const auto& tiers = message.customer_tier_changed().tiers();
    QueuePutCustomer(tx, {event.aggregate, event.version, {tiers.begin(), tiers.end()}});
  }
}

std::vector<pg::LockKey> InputProjection::Locks(const std::vector<eventing::Event>&) const {
  return {};
}

absl::Status InputProjection::Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) {
  for (const eventing::Event& event : events) {
    if (IsDirectory(event)) {
      RETURN_IF_ERROR(identity::ApplyDirectoryEvent(tx, event));
    } else if (IsCustomer(event)) {
      ApplyCustomerEvent(tx, event);
    }
  }
  return absl::OkStatus();
}

void InputProjection::Applied(const std::vector<eventing::Event>& events) {
  if (std::any_of(events.begin(), events.end(), IsDirectory)) {
    organisation_.Applied(events);
  }
  if (std::any_of(events.begin(), events.end(), IsCustomer)) {
    customers_.Poke();
  }
}

}  // namespace steward::complaints
