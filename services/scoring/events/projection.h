#pragma once
// The consumer's side: events of the other services become facts and their daily sums, in one transaction; directory events go to the
// organisation's projection; values that outside systems wrote are recorded.

#include <functional>
#include <vector>

#include "libs/eventing/consumer.h"
#include "services/scoring/events/facts.h"
#include "services/scoring/intake/measurement_intake.h"

namespace steward::scoring {

// The topics that facts come from, the one of values from outside, and the directory.
std::vector<eventing::Input> Inputs(int partitions);

// Thread-safe.
class FactProjection final : public eventing::Projection {
 public:
  struct Deps {
    absl::TimeZone zone;
    const Clock* clock = nullptr;
    IdGenerator* ids = nullptr;
    std::function<void(size_t events)> counted;  // after the commit; may be empty
    std::function<void()> organisation_changed;  // may be empty
    std::function<void()> recorded;              // a value from outside; may be empty
  };
  explicit FactProjection(Deps deps)
      : mapper_(deps.zone), intake_(deps.zone, *deps.clock, *deps.ids), deps_(std::move(deps)) {}
  std::vector<pg::LockKey> Locks(const std::vector<eventing::Event>& events) const override;
  [[nodiscard]] absl::Status Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) override;
  void Applied(const std::vector<eventing::Event>& events) override;

 private:
  absl::Status ApplyFacts(pg::Tx& tx, const std::vector<const eventing::Event*>& events);
  Mapper mapper_;
  MeasurementIntake intake_;
  Deps deps_;
};

}  // namespace steward::scoring
