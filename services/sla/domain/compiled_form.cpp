#include "services/sla/domain/compiled_form.h"

#include <algorithm>

#include "services/sla/domain/gallop.h"

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
  form.intervals.resize(form.intervals.size() + kSentinels,
                        {kMaxTime.micros, kMaxTime.micros, work});
  form.intervals_per_work =
      work > 0 ? static_cast<double>(form.interval_count()) / static_cast<double>(work) : 0;
  form.IndexStretches();
  return form;
}

void CompiledForm::IndexStretches() {
  const int64_t begin = day_start.front();
  const auto stretches = static_cast<size_t>(((day_start.back() - begin) >> kStretchBits) + 1);
  stretch_interval.resize(stretches + 1, interval_count());
  uint32_t interval = 0;
  for (size_t i = 0; i < stretches; ++i) {
    const int64_t start = begin + (static_cast<int64_t>(i) << kStretchBits);
    while (intervals[interval].close <= start) {
      ++interval;
    }
    stretch_interval[i] = interval;
  }
  for (size_t i = 0; i < stretches; ++i) {
    most_in_stretch = std::max(most_in_stretch, stretch_interval[i + 1] - stretch_interval[i]);
  }
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

uint32_t CompiledForm::FirstReaching(uint32_t from, int64_t work) const {
  const int64_t count = interval_count();
  const auto reaches = [this, work](int64_t i) { return intervals.data()[i + 1].before >= work; };
  if (from == count || intervals.back().before < work) {
    return interval_count();
  }
  // Weeks are alike, so the average finds the neighbourhood; from there it is a gallop either way.
  const double ahead = static_cast<double>(work - intervals[from].before) * intervals_per_work;
  const int64_t guess = std::clamp(from + static_cast<int64_t>(ahead), int64_t{from}, count - 1);
  const int64_t found =
      reaches(guess)
          ? from + 1 +
                GallopBackward(guess - from - 1, [&](int64_t i) { return !reaches(from + i); })
          : GallopForward(guess + 1, count, reaches);
  return static_cast<uint32_t>(found);
}

uint32_t CompiledForm::Crowded(int64_t t, uint32_t first) const {
  const auto begin = intervals.begin() + first;
  const auto end = intervals.begin() + std::min(first + most_in_stretch, interval_count());
  const auto found =
      std::partition_point(begin, end, [t](const WorkInterval& i) { return i.close <= t; });
  return static_cast<uint32_t>(found - intervals.begin());
}

}  // namespace steward::sla
