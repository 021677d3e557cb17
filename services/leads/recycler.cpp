#include "services/leads/recycler.h"

#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/eventing/journal.h"
#include "libs/log/log.h"
#include "services/leads/domain/lead.h"
#include "services/leads/events/lead_events.h"
#include "services/leads/storage/assignment_store.h"
#include "services/leads/storage/lead_store.h"

namespace steward::leads {
namespace {

constexpr char kActor[] = "system:leads";

}  // namespace

Recycler::Recycler(RecyclerDeps deps)
    : deps_(std::move(deps)), periodic_("recycler", deps_.interval, [this] {
        if (const absl::StatusOr<int> done = RunOnce(); !done.ok()) {
          db_.reset();  // perhaps lost; the next run opens another
          log::Warning("leads were not taken back to the pool",
                       {{"error", done.status().ToString()}});
        }
      }) {}

void Recycler::Start() {
  if (deps_.days > 0) {
    periodic_.Start();
  }
}

void Recycler::Stop() { periodic_.Stop(); }

absl::StatusOr<int> Recycler::RunOnce() {
  if (deps_.days <= 0) {
    return 0;
  }
  if (db_ == nullptr || !db_->healthy()) {
    ASSIGN_OR_RETURN(db_, pg::Connection::Open(deps_.pg));
  }
  int total = 0;
  const Time now = deps_.clock->Now();
  const Time before = now - Hours(int64_t{24} * deps_.days);
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<Uuid> ids, FindIdle(*db_, before, deps_.batch));
    if (ids.empty()) {
      return total;
    }
    ASSIGN_OR_RETURN(const int done, Batch(*db_, ids, now));
    total += done;
  }
}

absl::StatusOr<int> Recycler::Batch(pg::Connection& db, const std::vector<Uuid>& ids, Time now) {
  std::vector<pg::LockKey> locks;
  for (const Uuid& id : ids) {
    locks.push_back(pg::LockKey::Exclusive(LeadName(id)));
  }
  int done = 0;
  std::vector<LeadEvent> said;
  const absl::Status status = pg::RunInTx(db, {.name = "lead_recycle"}, [&](pg::Tx& tx) {
    done = 0;
    said.clear();
    tx.Lock(locks);
    QueueMemberLocks(tx, {}, {}, ids);
    const pg::Pending rows = QueueLoadLeads(tx, ids);
    RETURN_IF_ERROR(tx.Flush());
    std::vector<eventing::NewEvent> events;
    for (StoredLead& stored : ReadLeads(*rows)) {
      if (!IsRecyclable(stored.data, now, deps_.days)) {
        continue;  // touched, or taken back by another, before the lock was there
      }
      Lead lead(std::move(stored.data));
      RETURN_IF_ERROR(
          lead.Recycle(deps_.days, {kActor, now, std::nullopt, false, deps_.ids->NewId(now)}));
      QueueUpdate(tx, lead.data());
      events.push_back(std::move(ToJournal(lead.data(), lead.events()).front()));
      said.push_back(lead.events().front());
      ++done;
    }
    return events.empty() ? absl::OkStatus()
                          : eventing::Append(tx, {kActor, "", "", ""}, events,
                                             events::v1::LeadsEvent::default_instance());
  });
  RETURN_IF_ERROR(status);
  if (deps_.metrics != nullptr) {
    deps_.metrics->Moved(said);
  }
  if (done > 0 && deps_.recycled) {
    deps_.recycled();
  }
  return done;
}

}  // namespace steward::leads
