#include "services/sla/domain/compiled_form.h"

#include <algorithm>

namespace steward::sla {

CompiledForm CompiledForm::Build(int32_t first_day, int64_t start, LocalZone zone,
                                 const std::vector<DayPlan>& days) {
  CompiledForm form;
  form.first_day = first_day;
  form.zone = std::move(zone);
  form.day_start.reserve(days.size() + 1);
  form.first_interval.reserve(days.size() + 1);
  form.working_days_before.reserve(days.size() + 1);
  int64_t work = 0;
  int32_t working_days = 0;
  for (const DayPlan& day : days) {
    form.day_start.push_back(start);
    form.first_interval.push_back(static_cast<uint32_t>(form.intervals.size()));
    form.working_days_before.push_back(working_days);
    for (const DayPlan::Piece& piece : day.pieces) {
      const int64_t open = start + piece.open * kMicrosPerSecond;
      const int64_t close = start + piece.close * kMicrosPerSecond;
      form.intervals.push_back({open, close, work});
      work += close - open;
    }
    working_days += day.working ? 1 : 0;
    start += day.length * kMicrosPerSecond;
  }
  form.day_start.push_back(start);
  form.first_interval.push_back(static_cast<uint32_t>(form.intervals.size()));
  form.working_days_before.push_back(working_days);
  form.intervals.push_back({kMaxTime.micros, kMaxTime.micros, work});
  return form;
}

std::vector<DayPlan> CompiledForm::Days() const {
  std::vector<DayPlan> days(static_cast<size_t>(day_count()));
  for (int32_t d = 0; d < day_count(); ++d) {
    DayPlan& day = days[d];
    day.length = (day_start[d + 1] - day_start[d]) / kMicrosPerSecond;
    day.working = IsWorkingDay(d);
    for (uint32_t i = first_interval[d]; i < first_interval[d + 1]; ++i) {
      day.pieces.push_back({(intervals[i].open - day_start[d]) / kMicrosPerSecond,
                            (intervals[i].close - day_start[d]) / kMicrosPerSecond});
    }
  }
  return days;
}

int32_t CompiledForm::DayOf(int64_t t) const {
  const int32_t last = day_count() - 1;
  auto day =
      static_cast<int32_t>(std::clamp<int64_t>((t - day_start.front()) / kMicrosPerDay, 0, last));
  // A zone's clock wanders by hours, not by days, so these steps are few whatever the year. Of days
  // that a zone skipped the later one counts.
  while (day > 0 && t < day_start[day]) {
    --day;
  }
  while (day < last && t >= day_start[day + 1]) {
    ++day;
  }
  return day;
}

uint32_t CompiledForm::IntervalAt(int64_t t) const {
  if (t < day_start.front()) {
    return 0;
  }
  if (t >= day_start.back()) {
    return interval_count();
  }
  const int32_t day = DayOf(t);
  const WorkInterval* first = &intervals[first_interval[day]];
  const WorkInterval* last = &intervals[first_interval[day + 1]];
  constexpr ptrdiff_t kFewIntervals = 8;
  if (last - first > kFewIntervals) {
    first = std::partition_point(first, last, [t](const WorkInterval& i) { return i.close <= t; });
  } else {
    while (first != last && first->close <= t) {
      ++first;
    }
  }
  return static_cast<uint32_t>(first - intervals.data());
}

}  // namespace steward::sla
