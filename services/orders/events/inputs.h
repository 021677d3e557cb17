#pragma once
// What this service learns from others' topics: the organisation, and which opportunities were won.

#include <functional>
#include <vector>

#include "libs/base/clock.h"
#include "libs/identity/projection.h"

namespace steward::orders {

inline constexpr char kLeadsTopic[] = "steward.leads.v1";
std::vector<eventing::Input> Inputs(int leads_partitions);

// Thread-safe. `won` is told after the commit that opportunities wait for their draft.
class OrdersProjection final : public eventing::Projection {
 public:
  OrdersProjection(const Clock& clock, std::function<void()> directory_changed,
                   std::function<void()> won)
      : clock_(clock), directory_changed_(std::move(directory_changed)), won_(std::move(won)) {}
  std::vector<pg::LockKey> Locks(const std::vector<eventing::Event>& events) const override;
  [[nodiscard]] absl::Status Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) override;
  void Applied(const std::vector<eventing::Event>& events) override;

 private:
  const Clock& clock_;
  std::function<void()> directory_changed_, won_;
};

}  // namespace steward::orders
