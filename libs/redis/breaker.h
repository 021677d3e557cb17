#pragma once
// Stops asking a store that does not answer.

#include <cstdint>

namespace steward::redis {

// After `failures` in a row it is open for `open_micros`; then one attempt is let through, and its outcome
// decides. Not thread-safe.
class Breaker {
 public:
  Breaker(int failures, int64_t open_micros) : limit_(failures), open_micros_(open_micros) {}
  bool Allows(int64_t now_micros) const { return failures_ < limit_ || now_micros >= open_until_; }
  void Succeeded() { failures_ = 0; }
  void Failed(int64_t now_micros) {
    if (++failures_ >= limit_) {
      failures_ = limit_;
      open_until_ = now_micros + open_micros_;
    }
  }

 private:
  int limit_;
  int64_t open_micros_;
  int failures_ = 0;
  int64_t open_until_ = 0;
};

}  // namespace steward::redis
