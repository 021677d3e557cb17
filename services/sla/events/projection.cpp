#include "services/sla/events/projection.h"

#include <algorithm>
#include <set>

#include "libs/base/status.h"
#include "services/sla/events/subjects.h"
#include "services/sla/storage/customers.h"

namespace steward::sla {
namespace {

void StoreTiers(pg::Tx& tx, const std::vector<eventing::Event>& events) {
  std::vector<CustomerTiers> told;
  for (const eventing::Event& event : events) {
    if (TellsTiers(event)) {
      told.push_back({event.aggregate, event.version, event.event_id, event.type, event.occurred_at,
                      event.message->SerializeAsString()});
    }
  }
  QueueTiers(tx, told);
}

using TiersByCustomer = std::map<std::string, std::vector<CustomerTiers>>;

TiersByCustomer ByCustomer(const pg::Result& rows) {
  TiersByCustomer out;
  for (CustomerTiers& tiers : ReadTiers(rows)) {
    out[tiers.customer].push_back(std::move(tiers));
  }
  return out;
}

}  // namespace

std::vector<pg::LockKey> SubjectProjection::Locks(
    const std::vector<eventing::Event>& events) const {
  // The subject's lock is the record's key, which the consumer locks anyway; so is that of a customer whose tiers are told.
  std::vector<pg::LockKey> locks;
  for (const eventing::Event& event : events) {
    if (const std::optional<Fact> fact = ToFact(event)) {
      if (locks.empty()) {
        locks.push_back(SharedRuleset());
      }
      if (!fact->customer.empty()) {
        locks.push_back(pg::LockKey::Shared(fact->customer));
      }
    }
  }
  return locks;
}

absl::Status SubjectProjection::Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) {
  StoreTiers(tx, events);
  std::vector<const eventing::Event*> facts;
  for (const eventing::Event& event : events) {
    if (event.topic == identity::kDirectoryTopic) {
      RETURN_IF_ERROR(identity::ApplyDirectoryEvent(tx, event));
    } else if (ToFact(event)) {
      facts.push_back(&event);
    }
  }
  return facts.empty() ? absl::OkStatus() : ApplyFacts(tx, facts);
}

absl::Status SubjectProjection::ApplyFacts(pg::Tx& tx,
                                           const std::vector<const eventing::Event*>& events) {
  std::vector<StoredFact> fresh;
  std::map<std::string, const eventing::Event*> causes;  // the last event of each subject
  std::map<std::string, std::string> registered;         // to its customer
  std::set<std::string> customers;
  for (const eventing::Event* event : events) {
    fresh.push_back(ToStored(*event));
    causes[event->aggregate] = event;
    if (const std::string customer = ToFact(*event)->customer; !customer.empty()) {
      registered[event->aggregate] = customer;
      customers.insert(customer);
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, cause] : causes) {
    names.push_back(name);
  }
  QueueFacts(tx, fresh);
  const SubjectRows rows = QueueSubjects(tx, names);
  std::optional<pg::Pending> tiers;
  if (!customers.empty()) {
    tiers = QueueTiersOf(tx, {customers.begin(), customers.end()});
  }
  RETURN_IF_ERROR(tx.Flush());
  ASSIGN_OR_RETURN(const auto rules, deps_.rules->Get(tx, rows.revision->Int(0, 0)));
  ASSIGN_OR_RETURN(Subjects subjects, ReadSubjects(rows));
  for (const eventing::Event* event : events) {
    MarkFresh(*ToFact(*event), *rules, subjects[event->aggregate]);
  }
  std::vector<StoredFact> learnt;
  const TiersByCustomer told = tiers ? ByCustomer(**tiers) : TiersByCustomer{};
  for (const auto& [name, customer] : registered) {
    const auto found = told.find(customer);
    RETURN_IF_ERROR(AddTiers(name,
                             found == told.end() ? std::vector<CustomerTiers>{} : found->second, 0,
                             *rules, subjects[name], &learnt));
  }
  const auto org = deps_.org->Get();
  const ChangeContext context{*rules, *org, *deps_.ids, rows.now->Timestamp(0, 0)};
  Batch batch;
  Decided decided;
  for (const auto& [name, cause] : causes) {
    batch.SetOrigin({"system:sla", cause->origin.correlation, cause->event_id.ToString(),
                     cause->origin.traceparent});
    Replan(name, subjects[name], context, batch, decided);
  }
  tx.AfterCommit([this, armed = batch.armed(), decided] {
    Count(decided, *deps_.metrics);
    deps_.armed(armed);
  });
  QueueFacts(tx, learnt);
  return batch.Queue(tx);
}

void SubjectProjection::Applied(const std::vector<eventing::Event>& events) {
  deps_.applied(
      {.directory = std::any_of(events.begin(), events.end(),
                                [](const auto& e) { return e.topic == identity::kDirectoryTopic; }),
       .tiers = std::any_of(events.begin(), events.end(), TellsTiers)});
}

}  // namespace steward::sla
