#pragma once
// The consumer's side: events of subjects become facts, facts become clocks. A customer's tiers are stored, and its tickets wait for
// the rematcher. Directory events go to the organisation's projection.

#include <functional>

#include "libs/eventing/consumer.h"
#include "libs/identity/projection.h"
#include "services/sla/events/facts.h"
#include "services/sla/storage/batch.h"
#include "services/sla/storage/rules.h"
#include "services/sla/watcher/metrics.h"

namespace steward::sla {

// Thread-safe. `armed` learns of new timers after the commit; `applied` pokes relay, organisation and rematcher.
class SubjectProjection final : public eventing::Projection {
 public:
  struct Seen {
    bool directory = false;
    bool tiers = false;
  };
  struct Deps {
    RuleCache* rules;
    const identity::OrgCache* org;
    IdGenerator* ids;
    SlaMetrics* metrics;
    std::function<void(const std::vector<Batch::Armed>&)> armed;
    std::function<void(Seen)> applied;
  };
  explicit SubjectProjection(Deps deps) : deps_(std::move(deps)) {}
  std::vector<pg::LockKey> Locks(const std::vector<eventing::Event>& events) const override;
  absl::Status Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) override;
  void Applied(const std::vector<eventing::Event>& events) override;

 private:
  absl::Status ApplyFacts(pg::Tx& tx, const std::vector<const eventing::Event*>& events);
  Deps deps_;
};

}  // namespace steward::sla
