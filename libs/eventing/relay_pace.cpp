#include "libs/eventing/relay_pace.h"

#include <algorithm>

namespace steward::eventing {
namespace {

constexpr Duration kPoll = Milliseconds(100);
constexpr Duration kFirstPoll = Milliseconds(2);
constexpr Duration kPace = Milliseconds(40);
constexpr Duration kWindow = Milliseconds(100);
constexpr size_t kManyRows = 150;  // in a window

}  // namespace

void ReadPace::Restart() {
  full_ = true;
  read_at_ = 0;
}

int64_t ReadPace::Next(bool poked) const {
  if (full_) {
    return 0;
  }
  if (poked) {
    return paced_ ? read_at_ + kPace.micros : 0;
  }
  return read_at_ + (paced_ ? std::max(idle_, kPace) : idle_).micros;
}

void ReadPace::Begin(bool poked) {
  idle_ = poked ? kFirstPoll : std::min(Microseconds(idle_.micros * 2), kPoll);
}

void ReadPace::Done(int64_t now, size_t rows, bool full) {
  read_at_ = now;
  full_ = full;
  window_rows_ += rows;
  if (now - window_at_ >= kWindow.micros) {
    paced_ = window_rows_ >= kManyRows;
    window_rows_ = 0;
    window_at_ = now;
  }
}

}  // namespace steward::eventing
