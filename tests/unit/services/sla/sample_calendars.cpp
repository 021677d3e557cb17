#include "tests/unit/services/sla/sample_calendars.h"

#include <gtest/gtest.h>

namespace steward::sla::testing {
namespace {

int Dice(std::mt19937_64& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

std::vector<DayInterval> RandomHours(std::mt19937_64& random, int at_least) {
  std::vector<DayInterval> hours;
  for (int i = Dice(random, at_least, 3); i > 0; --i) {
    DayInterval interval{Dice(random, 0, 95) * 900, Dice(random, 1, 96) * 900};
    if (Dice(random, 0, 3) != 0 && interval.close <= interval.open) {
      std::swap(interval.open, interval.close);  // night shifts, but not too many
      interval.close += interval.close == interval.open ? 900 : 0;
    }
    hours.push_back(interval);
  }
  return hours;
}

}  // namespace

Time At(std::string_view rfc3339) {
  auto time = ParseTime(rfc3339);
  EXPECT_TRUE(time.ok()) << rfc3339;
  return time.value_or(kEpoch);
}

Date On(std::string_view date) {
  auto parsed = ParseDate(date);
  EXPECT_TRUE(parsed.ok()) << date;
  return parsed.value_or(Date{});
}

DayInterval Work(std::string_view open, std::string_view close) {
  auto interval = ParseInterval("hours", open, close);
  EXPECT_TRUE(interval.ok()) << interval.status();
  return interval.value_or(DayInterval{});
}

CalendarSpec Weekdays(std::string zone, std::vector<DayInterval> hours) {
  CalendarSpec spec;
  spec.time_zone = std::move(zone);
  for (int day = 0; day < 5; ++day) {
    spec.weekly[day] = hours;
  }
  return spec;
}

CalendarSpec ShanghaiOffice() {
  CalendarSpec spec = Weekdays("Asia/Shanghai", {Work("09:00", "12:00"), Work("13:30", "18:00")});
  spec.make_up_hours = spec.weekly[0];
  const Names national_day{{"en", "National Day"}, {"zh-Hans", "国庆节"}};
  for (Date date = On("2025-10-01"); date <= On("2025-10-08"); ++date.days) {
    spec.holidays[date] = national_day;
  }
  spec.overrides[On("2025-09-28")] = {{}, true, national_day};
  spec.overrides[On("2025-10-11")] = {{}, true, national_day};
  spec.published_through_year = 2025;
  return spec;
}

CalendarSpec RoundTheClock(std::string zone) {
  CalendarSpec spec;
  spec.time_zone = std::move(zone);
  spec.weekly.fill({Work("00:00", "24:00")});
  return spec;
}

Calendar Compiled(const CalendarSpec& spec, int first_year, int last_year) {
  EXPECT_TRUE(CheckCalendar(spec).ok()) << CheckCalendar(spec);
  auto calendar = CompiledCalendar::Compile(spec, first_year, last_year);
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  return calendar.value_or(nullptr);
}

CalendarSpec RandomSpec(std::mt19937_64& random) {
  static const std::vector<std::string> zones = {
      "UTC",          "Asia/Shanghai",     "Europe/Berlin",       "America/Los_Angeles",
      "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia"};
  CalendarSpec spec;
  spec.time_zone = zones[static_cast<size_t>(Dice(random, 0, static_cast<int>(zones.size()) - 1))];
  spec.weekly[0] = RandomHours(random, 1);
  for (int day = 1; day < 7; ++day) {
    spec.weekly[static_cast<size_t>(day)] = RandomHours(random, 0);
  }
  spec.make_up_hours = RandomHours(random, 1);
  for (int year = kFirstYear; year <= kLastYear; ++year) {
    const Date first = On(std::to_string(year) + "-01-01");
    for (int i = 0; i < 20; ++i) {
      const Date date{first.days + Dice(random, 0, 364)};
      if (Dice(random, 0, 2) != 0) {
        if (!spec.overrides.contains(date)) {
          spec.holidays[date] = {{"en", "Holiday " + std::to_string(i % 3)}};
        }
      } else if (!spec.holidays.contains(date)) {
        const bool make_up = Dice(random, 0, 1) == 1;
        spec.overrides[date] = {RandomHours(random, 0), make_up, {}};
      }
    }
  }
  return spec;
}

const std::vector<Sample>& Samples() {
  static const std::vector<Sample> samples = [] {
    std::mt19937_64 random(20251001);
    std::vector<Sample> made;
    for (int i = 0; i < 8; ++i) {
      CalendarSpec spec = RandomSpec(random);
      Calendar calendar = Compiled(spec, kFirstYear, kLastYear);
      auto walk = std::make_shared<const DayWalk>(spec, On("2008-01-01"), On("2022-12-31"));
      made.push_back({std::move(spec), std::move(calendar), std::move(walk)});
    }
    return made;
  }();
  return samples;
}

}  // namespace steward::sla::testing
