#pragma once
// The clock guard: PostgreSQL's clock decides what is due, so a jump of it must not accuse anybody. Pure.

#include <optional>

#include "libs/base/time.h"

namespace steward::sla {

// One comparison of the three clocks, made at one moment.
struct ClockTick {
  Time database;
  Time host;          // CLOCK_REALTIME
  int64_t monotonic;  // CLOCK_MONOTONIC, microseconds
};

// Firing freezes when between two ticks the database's clock and the monotonic clock advance by amounts that differ by more than
// max(2 s, 1 %), and on the first tick when database and host disagree by more than 2 s (ruling H5). It is released by two good
// ticks in a row on which database and host agree within 2 s, or while an operator's release lasts.
class ClockGuard {
 public:
  // True = frozen after this tick.
  bool Observe(const ClockTick& tick, std::optional<Time> released_until);
  bool frozen() const { return frozen_; }
  Duration offset() const { return offset_; }  // database minus host at the last tick
  bool jumped() const { return jumped_; }      // the last tick saw a jump

 private:
  std::optional<ClockTick> last_;
  bool frozen_ = false;
  bool jumped_ = false;
  int good_ = 0;
  Duration offset_;
};

}  // namespace steward::sla
