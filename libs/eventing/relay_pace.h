#pragma once
// When the relay reads its next page. Moments are microseconds of the monotonic clock.

#include <cstddef>
#include <cstdint>

#include "libs/base/time.h"

namespace steward::eventing {

// A poke is answered at once and, since another transaction may still hold the horizon, the journal is looked at again soon after, then
// ever less often down to every 100 ms. While many events come, pages are read 40 ms apart: for a broker one record of a partition is
// nearly as much work as fifty, so a page should carry some for every partition.
class ReadPace {
 public:
  // At a cursor again: read at once.
  void Restart();
  // The earliest moment to read; `poked` = something was committed since the last read began.
  int64_t Next(bool poked) const;
  // A page is about to be read; what is committed by now, it will hold.
  void Begin(bool poked);
  // `rows` were read at `now`; `full` = more are there already.
  void Done(int64_t now, size_t rows, bool full);

 private:
  bool full_ = true, paced_ = false;
  Duration idle_ = Milliseconds(100);
  int64_t read_at_ = 0, window_at_ = 0;
  size_t window_rows_ = 0;
};

}  // namespace steward::eventing
