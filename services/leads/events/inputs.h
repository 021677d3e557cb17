#pragma once
// What this service learns from others' topics: the organisation, and scores of leads.

#include <functional>
#include <vector>

#include "libs/identity/projection.h"

namespace steward::leads {

inline constexpr char kScoringTopic[] = "steward.scoring.v1";
std::vector<eventing::Input> Inputs(int scoring_partitions);

// Thread-safe. A lead comes from here, so its score is told after its row was committed: one that is not there was lost. Its score is
// refused with NOT_FOUND and waits, parked, until the lead is back.
class InputProjection final : public eventing::Projection {
 public:
  explicit InputProjection(std::function<void()> directory_changed)
      : directory_changed_(std::move(directory_changed)) {}
  std::vector<pg::LockKey> Locks(const std::vector<eventing::Event>& events) const override;
  [[nodiscard]] absl::Status Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) override;
  void Applied(const std::vector<eventing::Event>& events) override;

 private:
  std::function<void()> directory_changed_;
};

}  // namespace steward::leads
