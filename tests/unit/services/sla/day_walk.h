#pragma once
// The slow way to the same answers: one day after the other, straight from the calendar's rules. Written
// apart from the engine and sharing no code with it, so that both must be wrong alike to agree.

#include <cstdint>
#include <optional>
#include <vector>

#include "services/sla/domain/deadline.h"

namespace steward::sla::testing {

struct Open {
  int64_t from = 0;
  int64_t to = 0;
};

class DayWalk {
 public:
  // Days [first, last] of the calendar.
  DayWalk(const CalendarSpec& spec, Date first, Date last);

  std::optional<Time> Forward(Time start, Duration amount, Boundary boundary) const;
  std::optional<Time> Backward(Time start, Duration amount) const;
  Duration Between(Time from, Time to) const;
  std::optional<Time> EndOfNthWorkingDay(Time event, int n) const;
  // Forward with pauses cut out of the working time, the earliest instant.
  std::optional<Time> ForwardOutside(Time start, Duration amount,
                                     const std::vector<Span>& pauses) const;

 private:
  struct Day {
    Date date;
    int64_t start = 0;
    bool working = false;
    int64_t own_end = 0;
    std::vector<Open> open;
  };
  size_t DayAt(int64_t t) const;

  std::vector<Day> days_;
};

}  // namespace steward::sla::testing
