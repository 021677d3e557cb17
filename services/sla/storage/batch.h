#pragma once
// What a transaction writes of clocks, timers, firings, escalations and events: collected, then queued in one go, one statement a
// table whatever their number.

#include <string>
#include <unordered_map>
#include <vector>

#include "libs/eventing/journal.h"
#include "libs/pg/tx.h"
#include "services/sla/domain/clock.h"

namespace steward::sla {

struct SubjectRow {
  std::string name;
  int64_t version;
  std::string owner, team;
  bool unmatched;  // a ticket without a policy
  std::string customer;
  int64_t customer_version;  // whose tiers are among the facts; never goes back
  bool ended;
};

// Escalations and clocks of one batch are written once each.
class Batch {
 public:
  // `fired_only`: the watcher's batch, which changes versions and ladders alone and has deleted its timers already.
  explicit Batch(bool fired_only = false) : fired_only_(fired_only) {}
  void PutSubject(SubjectRow row) { subjects_.push_back(std::move(row)); }
  // The clock's row (insert or update); its timer is replaced by `next` or removed. `now`: a threshold that has passed already
  // when it is armed waits 2 s for facts (ruling H15); the watcher, which has looked already, does not.
  void PutClock(const Clock& clock, bool created, const std::optional<NextFiring>& next, Time now);
  void PutFiring(const std::string& clock, int cycle, const event::Fired& fired);
  void RetractFiring(const std::string& clock, int cycle, const Retraction& retraction,
                     std::string cause);
  void PutEscalation(const Escalation& escalation);
  // Events added from now on come from this.
  void SetOrigin(eventing::Origin origin) { origin_ = std::move(origin); }
  void AddEvent(eventing::NewEvent event);
  bool empty() const {
    return created_.empty() && clocks_.empty() && subjects_.empty() && events_.empty() &&
           escalations_.empty();
  }
  // Firing instants of the timers armed, for the in-process watcher.
  struct Armed {
    int shard;
    Time fire_at;
  };
  const std::vector<Armed>& armed() const { return armed_; }
  // Queues everything, the journal last. SetOrigin must have been called when there are events.
  [[nodiscard]] absl::Status Queue(pg::Tx& tx);

 private:
  void QueueClocks(pg::Tx& tx) const;
  void QueueTimers(pg::Tx& tx) const;
  void QueueFirings(pg::Tx& tx) const;
  void QueueEscalations(pg::Tx& tx) const;

  struct TimerRow {
    int64_t shard;
    std::string clock, subject, threshold;
    int64_t cycle, arming;
    Time due, fire_at;
    bool accuses;
  };
  struct FiringRow {
    std::string clock, threshold;
    int64_t cycle, arming;
    Time occurred_at, detected_at;
    std::string mark;
  };
  struct RetractionRow {
    std::string clock, threshold, cause;
    int64_t cycle, arming;
  };
  bool fired_only_;
  std::vector<SubjectRow> subjects_;
  std::vector<Clock> created_, clocks_;  // inserted, updated
  std::vector<TimerRow> timers_;
  std::vector<FiringRow> firings_;
  std::vector<RetractionRow> retractions_;
  std::vector<Escalation> escalations_;
  std::unordered_map<std::string, size_t> escalation_at_;
  eventing::Origin origin_;
  std::vector<std::pair<eventing::Origin, std::vector<eventing::NewEvent>>>
      events_;  // in order, by origin
  std::vector<Armed> armed_;
};

}  // namespace steward::sla
