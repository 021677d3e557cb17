#pragma once
// The time in which a clock counts: working time of its calendar, or elapsed time.

#include <vector>

#include "services/sla/domain/deadline.h"

namespace steward::sla {

// Inside these bounds sums and differences of two values never overflow.
Time Bounded(Time t);
Duration Bounded(Duration d);

class OwnTime {
 public:
  // `calendar` null = elapsed time.
  explicit OwnTime(const CompiledCalendar* calendar) : calendar_(calendar) {}
  // Working time for working targets, elapsed time for the others.
  OwnTime(const Target& target, const CompiledCalendar* calendar);

  Duration Between(Time from, Time to) const;
  // The earliest instant by which `amount` has passed; negative amounts count back.
  Reached Add(Time start, Duration amount) const;
  // Time in [from, to) that lies outside `pauses` (merged).
  Duration Outside(Time from, Time to, const std::vector<Span>& pauses) const;
  // Where `amount` is used up when nothing passes during `pauses` (merged).
  Reached Run(Time start, Duration amount, Boundary boundary,
              const std::vector<Span>& pauses) const;

 private:
  // The first instant from `at` on at which time passes.
  Reached FirstRunning(Time at, const std::vector<Span>& pauses) const;

  const CompiledCalendar* calendar_;
};

}  // namespace steward::sla
