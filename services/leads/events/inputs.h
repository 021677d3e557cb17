#pragma once
// What this service learns from others' topics: the organisation, scores of leads, and what became of the contracts of won
// opportunities.

#include <functional>
#include <vector>

#include "libs/base/clock.h"
#include "libs/identity/projection.h"
#include "services/leads/api/pipelines.h"

namespace steward::leads {

inline constexpr char kScoringTopic[] = "steward.scoring.v1";
inline constexpr char kOrdersTopic[] = "steward.orders.v1";
std::vector<eventing::Input> Inputs(int partitions);

struct InputDeps {
  const Clock* clock;
  IdGenerator* ids;
  Pipelines* pipelines;
  std::function<void()> directory_changed;
  std::function<void()> told;  // after a commit that may have added events
};

// Thread-safe. A lead comes from here, so its score is told after its row was committed: one that is not there was lost. Its score is
// refused with NOT_FOUND and waits, parked, until the lead is back. The same holds of the opportunity of a cancelled contract, which
// gets an event of its own: `opportunity.contract_cancelled`.
class InputProjection final : public eventing::Projection {
 public:
  explicit InputProjection(InputDeps deps) : deps_(std::move(deps)) {}
  std::vector<pg::LockKey> Locks(const std::vector<eventing::Event>& events) const override;
  [[nodiscard]] absl::Status Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) override;
  void Applied(const std::vector<eventing::Event>& events) override;

 private:
  InputDeps deps_;
};

}  // namespace steward::leads
