// What makes a calendar unusable.

#include <algorithm>

#include "libs/base/status.h"
#include "services/sla/domain/calendar.h"
#include "services/sla/domain/local_zone.h"

namespace steward::sla {
namespace {

constexpr int32_t kDaySeconds = 86'400;

absl::Status CheckIntervals(const std::string& field, const std::vector<DayInterval>& intervals) {
  for (const DayInterval& interval : intervals) {
    if (interval.open < 0 || interval.open >= kDaySeconds || interval.close <= 0 ||
        interval.close > kDaySeconds) {
      return FieldInvalid(field,
                          "opens before 24:00 and closes after 00:00, at 24:00 at the latest");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOverride(const CalendarSpec& spec, Date date, const Override& day) {
  const std::string text = FormatDate(date);
  RETURN_IF_ERROR(CheckIntervals("overrides", day.intervals));
  if (!day.make_up) {
    return absl::OkStatus();
  }
  if (spec.holidays.contains(date)) {
    return FieldInvalid("overrides", text + " is both a holiday and a make-up working day");
  }
  if (day.intervals.empty() && spec.make_up_hours.empty()) {
    return FieldInvalid("overrides", "the make-up working day " + text +
                                         " has no hours: give its own or make_up_hours");
  }
  return absl::OkStatus();
}

bool HasWorkingTime(const CalendarSpec& spec) {
  const auto has_hours = [](const std::vector<DayInterval>& hours) { return !hours.empty(); };
  return std::any_of(spec.weekly.begin(), spec.weekly.end(), has_hours) ||
         std::any_of(spec.overrides.begin(), spec.overrides.end(), [](const auto& entry) {
           return entry.second.make_up || !entry.second.intervals.empty();
         });
}

}  // namespace

absl::Status CheckCalendar(const CalendarSpec& spec) {
  RETURN_IF_ERROR(LocalZone::Load(spec.time_zone, 0, 0).status());
  for (const auto& weekday : spec.weekly) {
    RETURN_IF_ERROR(CheckIntervals("weekly_hours", weekday));
  }
  RETURN_IF_ERROR(CheckIntervals("make_up_hours", spec.make_up_hours));
  for (const auto& [date, day] : spec.overrides) {
    RETURN_IF_ERROR(CheckOverride(spec, date, day));
  }
  if (spec.published_through_year < 0 || spec.published_through_year > 9'999) {
    return FieldInvalid("published_through_year", "is a year, or 0 when every year is known");
  }
  if (!HasWorkingTime(spec)) {
    return FieldInvalid("weekly_hours", "the calendar has no working time at all");
  }
  return absl::OkStatus();
}

}  // namespace steward::sla
