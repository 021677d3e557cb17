#pragma once
// Where "now" comes from. Domain code never includes this header: it takes `Time now`.

#include "libs/base/time.h"

namespace steward {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time. In a service: the monotonic clock plus the offset to the database's clock (ruling H12).
  virtual Time Now() const = 0;
};

// CLOCK_REALTIME, for tools and as a start before the database answered.
class SystemClock final : public Clock {
 public:
  Time Now() const override;
};

// CLOCK_MONOTONIC in microseconds; only differences mean something.
int64_t MonotonicMicros();

}  // namespace steward
