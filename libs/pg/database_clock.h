#pragma once
// Now = CLOCK_MONOTONIC + the offset to PostgreSQL's clock, measured once a second on a connection of its own (ruling H12).

#include <memory>

#include "libs/base/clock.h"
#include "libs/pg/connection.h"

namespace steward::pg {

// Thread-safe. Until the first reading it answers CLOCK_REALTIME.
class DatabaseClock final : public Clock {
 public:
  DatabaseClock(Options options, metrics::Registry* registry);
  ~DatabaseClock() override;
  Time Now() const override;
  // Database clock minus CLOCK_REALTIME at the last reading.
  Duration HostSkew() const;
  // A reading within the last 5 s exists.
  bool Fresh() const;
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::pg
