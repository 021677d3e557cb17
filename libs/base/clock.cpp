#include "libs/base/clock.h"

#include <ctime>

namespace steward {
namespace {

int64_t Read(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

Time SystemClock::Now() const { return Time{Read(CLOCK_REALTIME)}; }

int64_t MonotonicMicros() { return Read(CLOCK_MONOTONIC); }

}  // namespace steward
