#include "services/sla/watcher/guard.h"

#include <algorithm>
#include <cstdlib>

namespace steward::sla {

bool ClockGuard::Observe(const ClockTick& tick, std::optional<Time> released_until) {
  constexpr int64_t kTolerance = 2'000'000;
  offset_ = tick.database - tick.host;
  const bool agree = std::llabs(offset_.micros) <= kTolerance;
  jumped_ = false;
  if (last_) {
    const int64_t elapsed = tick.monotonic - last_->monotonic;
    const int64_t moved = (tick.database - last_->database).micros;
    jumped_ = std::llabs(moved - elapsed) > std::max(kTolerance, elapsed / 100);
  }
  const bool bad = jumped_ || (!last_ && !agree);
  last_ = tick;
  if (bad) {
    frozen_ = true;
    good_ = 0;
  } else if (frozen_) {
    good_ = agree ? good_ + 1 : 0;
  }
  if (frozen_ && (good_ >= 2 || (released_until && tick.database < *released_until))) {
    frozen_ = false;
    good_ = 0;
  }
  return frozen_;
}

}  // namespace steward::sla
