#pragma once
// Growing delays with jitter.

#include <cstdint>

#include "libs/base/time.h"

namespace steward {

// Not thread-safe.
class Backoff {
 public:
  Backoff(Duration first, Duration max, uint64_t seed)
      : first_(first), max_(max), state_(seed | 1) {}
  // The next delay: doubles from `first` to `max`, each between half and the whole of it.
  Duration Next();
  void Reset() { step_ = 0; }

 private:
  Duration first_;
  Duration max_;
  uint64_t state_;
  int step_ = 0;
};

}  // namespace steward
