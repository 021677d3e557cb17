#include "libs/base/backoff.h"

#include <algorithm>

namespace steward {

Duration Backoff::Next() {
  int64_t whole = std::max<int64_t>(first_.micros, 1);
  for (int i = 0; i < step_ && whole < max_.micros; ++i) {
    whole = whole > max_.micros / 2 ? max_.micros : whole * 2;
  }
  whole = std::min(whole, std::max<int64_t>(max_.micros, 1));
  if (whole < max_.micros) {
    ++step_;
  }
  // xorshift64: enough to spread clients that failed together.
  state_ ^= state_ << 13;
  state_ ^= state_ >> 7;
  state_ ^= state_ << 17;
  int64_t half = whole / 2;
  return Duration{half + static_cast<int64_t>(state_ % static_cast<uint64_t>(whole - half + 1))};
}

}  // namespace steward
