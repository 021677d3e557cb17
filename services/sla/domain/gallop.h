#pragma once
// Search from a known place: 1, 2, 4 ... steps away, then halving inside the last step. Near answers,
// which deadlines are, cost a few comparisons whatever the length of the table.

#include <algorithm>
#include <cstdint>

namespace steward::sla {

// The first index in [from, end) that holds, or `end`. Once an index holds, all later ones must.
template <typename Holds>
int64_t GallopForward(int64_t from, int64_t end, Holds holds) {
  int64_t below = from - 1;  // does not hold
  int64_t step = 1;
  int64_t above = from;
  while (above < end && !holds(above)) {
    below = above;
    above += step;
    step *= 2;
  }
  above = std::min(above, end);
  while (above - below > 1) {
    const int64_t middle = below + (above - below) / 2;
    const bool found = holds(middle);  // two selections instead of a branch that is taken at random
    above = found ? middle : above;
    below = found ? below : middle;
  }
  return above;
}

// The last index in [0, from] that holds, or -1. Once an index holds, all earlier ones must.
template <typename Holds>
int64_t GallopBackward(int64_t from, Holds holds) {
  return from - GallopForward(0, from + 1, [&](int64_t back) { return holds(from - back); });
}

}  // namespace steward::sla
