// The calendar that is shipped, services/sla/calendars/cn-mainland.json.

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/services/sla/sample_calendars.h"

namespace steward::sla::testing {
namespace {

using nlohmann::json;

Names NamesOf(const json& names) {
  return {{"en", names.at("en")}, {"zh-Hans", names.at("zh-Hans")}};
}

std::vector<DayInterval> HoursOf(const json& intervals) {
  std::vector<DayInterval> hours;
  for (const json& interval : intervals) {
    hours.push_back(
        Work(interval["open"].get<std::string>(), interval["close"].get<std::string>()));
  }
  return hours;
}

class CnMainland : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::ifstream in(std::string(STEWARD_SOURCE) + "/services/sla/calendars/cn-mainland.json");
    const json data = json::parse(in);
    spec_ = new CalendarSpec;
    spec_->time_zone = data["timeZone"];
    spec_->published_through_year = data["publishedThroughYear"];
    spec_->make_up_hours = HoursOf(data["makeUpHours"]);
    const std::vector<std::string> weekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (const json& day : data["weeklyHours"]) {
      const auto weekday = std::find(weekdays.begin(), weekdays.end(), day["weekday"]);
      spec_->weekly[static_cast<size_t>(weekday - weekdays.begin())] = HoursOf(day["intervals"]);
    }
    for (const json& day : data["holidays"]) {
      spec_->holidays[On(day["date"].get<std::string>())] = NamesOf(day["displayNames"]);
    }
    for (const json& day : data["overrides"]) {
      spec_->overrides[On(day["date"].get<std::string>())] = {
          {}, day["makeUp"], NamesOf(day["displayNames"])};
    }
    holidays_ = data["holidays"].size();
    overrides_ = data["overrides"].size();
    calendar_ = new Calendar(Compiled(*spec_, 2004, 2027));
  }
  static void TearDownTestSuite() {
    delete spec_;
    delete calendar_;
  }
  static const CompiledCalendar& calendar() { return **calendar_; }

  static inline CalendarSpec* spec_ = nullptr;
  static inline Calendar* calendar_ = nullptr;
  static inline size_t holidays_ = 0;
  static inline size_t overrides_ = 0;
};

TEST_F(CnMainland, IsUsableAndListsNoDateTwice) {
  EXPECT_TRUE(CheckCalendar(*spec_).ok()) << CheckCalendar(*spec_);
  EXPECT_EQ(holidays_, spec_->holidays.size());
  EXPECT_EQ(overrides_, spec_->overrides.size());
  for (int year = 2004; year <= 2026; ++year) {
    const auto in_year = [year](const auto& entry) { return YearOf(entry.first) == year; };
    EXPECT_GE(std::count_if(spec_->holidays.begin(), spec_->holidays.end(), in_year), 20) << year;
  }
}

TEST_F(CnMainland, MakeUpDaysAreRestDaysOtherwise) {
  for (const auto& [date, day] : spec_->overrides) {
    EXPECT_GE(WeekdayOf(date), 5) << FormatDate(date);
    EXPECT_TRUE(calendar().IsWorkingDay(date)) << FormatDate(date);
  }
}

// 2025 has 248 working days: 261 weekdays, less 18 holidays on weekdays, and 5 make-up days.
TEST_F(CnMainland, WorkingDaysOf2025) {
  int days = 0;
  for (Date date = On("2025-01-01"); YearOf(date) == 2025; ++date.days) {
    days += calendar().IsWorkingDay(date) ? 1 : 0;
  }
  EXPECT_EQ(days, 248);
}

// CMC-002 over National Day 2025 with this calendar: 24:00 of Monday 13 October (C2).
TEST_F(CnMainland, SevenWorkingDaysEndAtMidnight) {
  const Target target{Target::Kind::kWorkingDays, {}, 7};
  const Reached due = Due(target, calendar_->get(), At("2025-09-26T16:00:00+08:00"), {});
  EXPECT_EQ(*due.at, At("2025-10-14T00:00:00+08:00"));
  EXPECT_FALSE(due.provisional);
}

// The worked examples of docs/concepts/deadlines.md.
TEST_F(CnMainland, ExamplesOfTheConceptsPage) {
  const Target seven_days{Target::Kind::kWorkingDays, {}, 7};
  const auto due = [&](const Target& target, const char* start, const std::vector<Span>& pauses) {
    return FormatTime(*Due(target, &calendar(), At(start), pauses).at);
  };
  const auto utc = [](const char* local) { return FormatTime(At(local)); };
  EXPECT_EQ(due(seven_days, "2025-09-26T16:00:00+08:00", {}), utc("2025-10-14T00:00:00+08:00"));
  EXPECT_EQ(due(seven_days, "2025-10-04T09:00:00+08:00", {}), utc("2025-10-17T00:00:00+08:00"));
  // A hold over one working day and over the holiday costs that working day.
  const Span hold{At("2025-09-30T00:00:00+08:00"), At("2025-10-09T00:00:00+08:00")};
  EXPECT_EQ(due(seven_days, "2025-09-26T16:00:00+08:00", {hold}), utc("2025-10-15T00:00:00+08:00"));
  const Target two_days{Target::Kind::kWallClock, Hours(48)};
  EXPECT_EQ(due(two_days, "2025-09-30T17:00:00+08:00", {}), utc("2025-10-02T17:00:00+08:00"));
}

TEST_F(CnMainland, NextYearIsProvisional) {
  const Reached due =
      calendar().NthWorkingDay(At("2026-12-30T16:00:00+08:00"), 7, CloseAt::kEndOfDay, false);
  EXPECT_TRUE(due.at.has_value());
  EXPECT_TRUE(due.provisional);
}

TEST_F(CnMainland, StoredFormIsSmall) {
  const std::string bytes = calendar().Serialize();
  EXPECT_LT(bytes.size(), 12'000u);
  EXPECT_TRUE(CompiledCalendar::Parse(bytes, *spec_).ok());
}

}  // namespace
}  // namespace steward::sla::testing
