#pragma once
// Calendars that the tests of the sla domain share.

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "services/sla/domain/deadline.h"
#include "tests/unit/services/sla/day_walk.h"

namespace steward::sla::testing {

using Calendar = std::shared_ptr<const CompiledCalendar>;

Time At(std::string_view rfc3339);
Date On(std::string_view date);
DayInterval Work(std::string_view open, std::string_view close);

// Monday to Friday with the same hours.
CalendarSpec Weekdays(std::string zone, std::vector<DayInterval> hours);
// 09:00-12:00 and 13:30-18:00 in Shanghai, with the holidays and make-up days of autumn 2025.
CalendarSpec ShanghaiOffice();
CalendarSpec RoundTheClock(std::string zone);
Calendar Compiled(const CalendarSpec& spec, int first_year, int last_year);

// A calendar made by dice: any number of intervals a day, also overlapping and past midnight, holidays,
// exceptions and make-up days, in zones with and without changes of the clocks.
CalendarSpec RandomSpec(std::mt19937_64& random);

struct Sample {
  CalendarSpec spec;
  Calendar calendar;
  std::shared_ptr<const DayWalk> walk;
};
// The same few random calendars for every test, 2008 to 2022.
const std::vector<Sample>& Samples();
// Instants that leave room for ten years inside the samples' horizon.
inline constexpr int kFirstYear = 2008;
inline constexpr int kLastYear = 2022;

}  // namespace steward::sla::testing
