#pragma once
// The consumer's side: ticket events become facts, facts become clocks. Directory events go to the organisation's projection.

#include <functional>

#include "libs/eventing/consumer.h"
#include "libs/identity/projection.h"
#include "services/sla/events/sla_events.h"
#include "services/sla/storage/rules.h"
#include "services/sla/watcher/metrics.h"

namespace steward::sla {

inline constexpr char kComplaintsTopic[] = "steward.complaints.v1";
std::vector<eventing::Input> Inputs(int complaints_partitions);

// The domain's view of one ticket event; nullopt for events that no clock cares about (notes, repeats).
std::optional<Fact> ToFact(const eventing::Event& event);
absl::StatusOr<Fact> ToFact(const std::string& event_id, int64_t version, Time occurred_at,
                            std::string_view payload);

// Thread-safe. `armed` learns of new timers after the commit; `applied` pokes relay and organisation.
class TicketProjection final : public eventing::Projection {
 public:
  struct Deps {
    RuleCache* rules;
    const identity::OrgCache* org;
    IdGenerator* ids;
    SlaMetrics* metrics;
    std::function<void(const std::vector<Batch::Armed>&)> armed;
    std::function<void(bool directory)> applied;
  };
  explicit TicketProjection(Deps deps) : deps_(std::move(deps)) {}
  std::vector<pg::LockKey> Locks(const std::vector<eventing::Event>& events) const override;
  absl::Status Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) override;
  void Applied(const std::vector<eventing::Event>& events) override;

 private:
  absl::Status ApplyTickets(pg::Tx& tx, const std::vector<const eventing::Event*>& events);
  Deps deps_;
};

}  // namespace steward::sla
