#include "libs/testing/eventually.h"

#include <chrono>
#include <thread>

namespace steward::testing {

bool Eventually(Duration limit, const std::function<bool()>& condition) {
  int64_t end = MonotonicMicros() + limit.micros;
  while (!condition()) {
    if (MonotonicMicros() >= end) {
      return condition();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace steward::testing
