#pragma once
// The arrays behind a compiled calendar: where each day starts, its working intervals with the
// working time before them, and the working days before it. Everything in microseconds, UTC.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "services/sla/domain/calendar.h"
#include "services/sla/domain/local_zone.h"

namespace steward::sla {

// One day as it is compiled and stored: seconds elapsed since its start.
struct DayPlan {
  struct Piece {
    int64_t open = 0;
    int64_t close = 0;
    friend auto operator<=>(const Piece&, const Piece&) = default;
  };
  int64_t length = 86'400;    // 23 h and 25 h on changes of the clocks
  bool working = false;       // has hours of its own, not only the tail of a night shift
  std::vector<Piece> pieces;  // sorted, apart from each other
  friend auto operator<=>(const DayPlan&, const DayPlan&) = default;
};

struct WorkInterval {
  int64_t open = 0;
  int64_t close = 0;
  int64_t before = 0;  // working time before `open`
};

struct CompiledForm {
  int32_t first_day = 0;  // days since 1970
  LocalZone zone;
  std::vector<int64_t> day_start;            // one more than days: the end of the last
  std::vector<uint32_t> first_interval;      // of each day, and their number
  std::vector<int32_t> working_days_before;  // of each day, and their number
  std::vector<WorkInterval> intervals;       // and sentinels at the end of time
  // Finding an interval costs one look-up: the first that ends after the start of each stretch of
  // 2^kStretchBits microseconds (9.5 hours), and the most that end inside one stretch.
  std::vector<uint32_t> stretch_interval;
  uint32_t most_in_stretch = 0;
  double intervals_per_work = 0;

  static constexpr int kStretchBits = 35;
  // As many intervals as may be read past the last one.
  static constexpr uint32_t kSentinels = 3;

  static CompiledForm Build(int32_t first_day, int64_t start, LocalZone zone,
                            const std::vector<DayPlan>& days);
  // The same days back, for storing.
  std::vector<DayPlan> Days() const;

  int32_t day_count() const { return static_cast<int32_t>(day_start.size()) - 1; }
  uint32_t interval_count() const { return static_cast<uint32_t>(intervals.size()) - kSentinels; }
  bool Covers(int64_t t) const { return t >= day_start.front() && t < day_start.back(); }
  bool IsWorkingDay(int32_t day) const {
    return working_days_before[day + 1] > working_days_before[day];
  }
  // Day of an instant that is covered: a guess that is at most a few days off.
  int32_t DayOf(int64_t t) const;
  // First interval that ends after an instant (the first sentinel when there is none).
  uint32_t IntervalAt(int64_t t) const {
    return Covers(t) ? IntervalIn(t) : t < day_start.front() ? 0 : interval_count();
  }
  // The same for an instant that is covered.
  uint32_t IntervalIn(int64_t t) const {
    uint32_t interval = stretch_interval.data()[(t - day_start.front()) >> kStretchBits];
    if (most_in_stretch > kFewIntervals) {
      return Crowded(t, interval);
    }
    // Without branches: where a random instant falls cannot be predicted. Sentinels never end.
    for (uint32_t i = 0; i < most_in_stretch; ++i) {
      interval += intervals.data()[interval].close <= t ? 1 : 0;
    }
    return interval;
  }
  // First interval from `from` on by whose end `work` has passed since the beginning, or their number.
  uint32_t FirstReaching(uint32_t from, int64_t work) const;
  // Working time before an instant.
  int64_t WorkBefore(int64_t t, uint32_t interval) const {
    const WorkInterval& at = intervals.data()[interval];
    return at.before + std::max<int64_t>(t - at.open, 0);
  }

 private:
  static constexpr uint32_t kFewIntervals = 4;
  void IndexStretches();
  uint32_t Crowded(int64_t t, uint32_t first) const;
};

// Days of the calendar with precedence, splitting and merging applied (R2, R8-R11).
absl::StatusOr<CompiledForm> CompileDays(const CalendarSpec& spec, int first_year, int last_year);

// Compact bytes with a checksum. `fingerprint` ties them to the calendar they were compiled from.
std::string EncodeForm(const CompiledForm& form, uint64_t fingerprint);
absl::StatusOr<CompiledForm> DecodeForm(std::string_view bytes, uint64_t fingerprint);
uint64_t Fingerprint(const CalendarSpec& spec);

}  // namespace steward::sla
