#pragma once
// Waiting in tests: for a condition with a limit, never a bare sleep. And clocks that tests set.

#include <atomic>
#include <functional>

#include "libs/base/clock.h"

namespace steward::testing {

// Polls `condition` every few milliseconds until it holds; false after the limit.
bool Eventually(Duration limit, const std::function<bool()>& condition);

class FakeClock final : public Clock {
 public:
  explicit FakeClock(Time start) : micros_(start.micros) {}
  Time Now() const override { return Time{micros_.load()}; }
  void Set(Time t) { micros_ = t.micros; }
  void Advance(Duration d) { micros_ += d.micros; }

 private:
  std::atomic<int64_t> micros_;
};

}  // namespace steward::testing
