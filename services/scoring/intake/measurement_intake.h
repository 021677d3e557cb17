#pragma once
// The topic that outside systems write: each record is a value from outside, checked as RecordMeasurement checks it. What is refused is
// parked by the consumer with the field and the reason.

#include <vector>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/eventing/consumer.h"

namespace steward::scoring {

inline constexpr char kMeasurementsTopic[] = "steward.scoring.measurements.v1";

eventing::Input MeasurementsInput();

class MeasurementIntake {
 public:
  MeasurementIntake(absl::TimeZone zone, const Clock& clock, IdGenerator& ids)
      : zone_(zone), clock_(clock), ids_(ids) {}
  static pg::LockKey Lock();
  // In order; events of other topics are not for here.
  [[nodiscard]] absl::Status Apply(pg::Tx& tx, const std::vector<const eventing::Event*>& events);

 private:
  absl::TimeZone zone_;
  const Clock& clock_;
  IdGenerator& ids_;
};

}  // namespace steward::scoring
