#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "tests/unit/services/sla/sample_calendars.h"

namespace steward::sla::testing {
namespace {

constexpr auto kEnd = Boundary::kEndOfInterval;
constexpr auto kNext = Boundary::kStartOfNext;
constexpr auto kEndOfDay = CloseAt::kEndOfDay;
constexpr auto kSameTime = CloseAt::kSameTime;

TEST(Date, ParsesAndFormats) {
  EXPECT_EQ(On("1970-01-01").days, 0);
  EXPECT_EQ(On("2024-02-29").days - On("2024-02-28").days, 1);
  EXPECT_EQ(FormatDate(On("2024-02-29")), "2024-02-29");
  EXPECT_EQ(FormatDate(On("0001-01-01")), "0001-01-01");
  EXPECT_EQ(YearOf(On("1969-12-31")), 1969);
  EXPECT_EQ(WeekdayOf(On("2025-10-13")), 0);
  EXPECT_EQ(WeekdayOf(On("1969-12-28")), 6);
}

TEST(Date, RefusesWhatIsNoDate) {
  for (const char* text : {"2025-02-29", "2025-13-01", "2025-1-01", "2025-01-32", "25-01-01",
                           "2025/01/01", "", "2025-01-01 ", "-025-01-01", "0000-01-01"}) {
    EXPECT_FALSE(ParseDate(text).ok()) << text;
  }
}

TEST(Interval, Parses) {
  EXPECT_EQ(Work("09:00", "24:00"), (DayInterval{32'400, 86'400}));
  EXPECT_EQ(Work("09:00:30", "12:00"), (DayInterval{32'430, 43'200}));
  EXPECT_EQ(Work("22:00", "06:00"), (DayInterval{79'200, 21'600}));
  EXPECT_EQ(Work("22:00", "00:00"), (DayInterval{79'200, 86'400}));
}

TEST(Interval, RefusalNamesTheField) {
  EXPECT_EQ(RefusalOf(ParseInterval("hours[2]", "24:00", "24:00").status())->fields[0].field,
            "hours[2].open");
  for (const char* close : {"09:00", "24:01", "9:00", "12:60", "12.00", "12:00:60", "-1:00", ""}) {
    const auto status = ParseInterval("hours[2]", "09:00", close).status();
    ASSERT_FALSE(status.ok()) << close;
    EXPECT_EQ(RefusalOf(status)->fields[0].field, "hours[2].close") << close;
  }
}

std::string FaultOf(const CalendarSpec& spec) {
  const auto refusal = RefusalOf(CheckCalendar(spec));
  return refusal ? refusal->fields[0].field + ": " + refusal->fields[0].description : "";
}

TEST(CheckCalendar, AcceptsTheOffice) { EXPECT_EQ(FaultOf(ShanghaiOffice()), ""); }

TEST(CheckCalendar, RefusesZonesThatAreNotIana) {
  for (const char* zone : {"", "Asia/Nowhere", "/etc/localtime", "../zoneinfo/UTC", "localtime",
                           "libc:localtime", "Fixed/UTC+08:00:00"}) {
    EXPECT_NE(FaultOf(RoundTheClock(zone)).find("time_zone"), std::string::npos) << zone;
  }
}

TEST(CheckCalendar, NamesTheDateThatIsHolidayAndMakeUpDay) {
  CalendarSpec spec = ShanghaiOffice();
  spec.overrides[On("2025-10-02")] = {{}, true, {}};
  EXPECT_EQ(FaultOf(spec), "overrides: 2025-10-02 is both a holiday and a make-up working day");
}

TEST(CheckCalendar, MakeUpDayNeedsHours) {
  CalendarSpec spec = ShanghaiOffice();
  spec.make_up_hours.clear();
  EXPECT_NE(FaultOf(spec).find("2025-09-28 has no hours"), std::string::npos);
}

TEST(CheckCalendar, RefusesACalendarWithoutWork) {
  CalendarSpec spec;
  spec.time_zone = "UTC";
  EXPECT_NE(FaultOf(spec).find("no working time"), std::string::npos);
  spec.overrides[On("2025-01-01")] = {};
  EXPECT_NE(FaultOf(spec).find("no working time"), std::string::npos);
}

TEST(CheckCalendar, RefusesHoursOutsideTheDay) {
  CalendarSpec spec = Weekdays("UTC", {{0, 86'401}});
  EXPECT_NE(FaultOf(spec).find("weekly_hours"), std::string::npos);
  spec = Weekdays("UTC", {{-1, 60}});
  EXPECT_NE(FaultOf(spec), "");
}

TEST(Compile, RefusesYearsWithoutEnd) {
  EXPECT_FALSE(CompiledCalendar::Compile(ShanghaiOffice(), 2025, 2024).ok());
  EXPECT_FALSE(CompiledCalendar::Compile(ShanghaiOffice(), 1, 9998).ok());
  EXPECT_FALSE(CompiledCalendar::Compile(ShanghaiOffice(), 9999, 9999).ok());
}

TEST(Calendar, OverrideBeatsHolidayBeatsWeekly) {
  CalendarSpec spec = ShanghaiOffice();
  spec.overrides[On("2025-10-07")] = {{Work("10:00", "11:00")}, false, {}};
  const Calendar calendar = Compiled(spec, 2025, 2025);
  EXPECT_EQ(calendar->Between(At("2025-10-01T00:00:00+08:00"), At("2025-10-09T00:00:00+08:00")),
            Hours(1));
  spec.overrides[On("2025-10-09")] = {};  // an exception without hours is closed
  EXPECT_FALSE(Compiled(spec, 2025, 2025)->IsWorkingDay(On("2025-10-09")));
}

TEST(Calendar, OverlappingAndTouchingIntervalsCountOnce) {
  const Calendar calendar = Compiled(
      Weekdays("UTC", {Work("09:00", "12:00"), Work("11:00", "13:00"), Work("13:00", "14:00")}),
      2025, 2025);
  EXPECT_EQ(calendar->Between(At("2025-01-06T00:00:00Z"), At("2025-01-07T00:00:00Z")), Hours(5));
  EXPECT_EQ(*calendar->Add(At("2025-01-06T09:00:00Z"), Hours(4), kNext).at,
            At("2025-01-06T13:00:00Z"));
}

TEST(Calendar, TouchingIntervalsAreOne) {
  const Calendar calendar =
      Compiled(Weekdays("UTC", {Work("12:00", "17:00"), Work("09:00", "12:00")}), 2025, 2025);
  EXPECT_EQ(calendar->NextChange(At("2025-01-06T10:00:00Z")), At("2025-01-06T17:00:00Z"));
}

TEST(Calendar, ManyIntervalsADay) {
  std::vector<DayInterval> quarters;
  for (int hour = 0; hour < 24; ++hour) {
    quarters.push_back({hour * 3'600, hour * 3'600 + 900});
  }
  const Calendar calendar = Compiled(Weekdays("UTC", quarters), 2025, 2025);
  EXPECT_EQ(*calendar->Add(At("2025-01-06T20:10:00Z"), Minutes(10), kEnd).at,
            At("2025-01-06T21:05:00Z"));
  EXPECT_TRUE(calendar->IsOpen(At("2025-01-06T23:14:59Z")));
  EXPECT_FALSE(calendar->IsOpen(At("2025-01-06T23:15:00Z")));
}

TEST(Calendar, NightShiftBelongsToTheDayItOpensOn) {
  CalendarSpec spec = Weekdays("UTC", {Work("22:00", "06:00")});
  const Calendar calendar = Compiled(spec, 2025, 2025);
  EXPECT_TRUE(calendar->IsOpen(At("2025-01-11T05:59:59Z")));  // Saturday, Friday's shift
  EXPECT_FALSE(calendar->IsWorkingDay(On("2025-01-11")));
  EXPECT_EQ(*calendar->Add(At("2025-01-10T22:00:00Z"), Hours(8), kEnd).at,
            At("2025-01-11T06:00:00Z"));
  spec.holidays[On("2025-01-10")] = {};
  EXPECT_FALSE(Compiled(spec, 2025, 2025)->IsOpen(At("2025-01-11T05:00:00Z")));
}

TEST(Calendar, ZeroRollsToWorkingTime) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  const Time closing = At("2025-09-30T18:00:00+08:00");
  for (const Boundary boundary : {kEnd, kNext}) {
    EXPECT_EQ(*calendar->Add(closing, {}, boundary).at, At("2025-10-09T09:00:00+08:00"));
    EXPECT_EQ(*calendar->Add(At("2025-09-30T12:30:00+08:00"), {}, boundary).at,
              At("2025-09-30T13:30:00+08:00"));
    EXPECT_EQ(*calendar->Add(At("2025-10-05T12:00:00+08:00"), {}, boundary, true).at, closing);
    const Time opening = At("2025-09-30T09:00:00+08:00");
    EXPECT_EQ(*calendar->Add(opening, {}, boundary).at, opening);
    EXPECT_EQ(*calendar->Add(opening, {}, boundary, true).at, opening);
  }
}

TEST(Calendar, BackwardsStaysAtAnOpening) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  EXPECT_EQ(*calendar->Add(At("2025-09-30T11:00:00+08:00"), Hours(-2), kEnd).at,
            At("2025-09-30T09:00:00+08:00"));
}

TEST(Calendar, NextChangeStepsThroughTheDay) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  Time at = At("2025-09-30T08:00:00+08:00");
  for (const char* change :
       {"2025-09-30T09:00:00+08:00", "2025-09-30T12:00:00+08:00", "2025-09-30T13:30:00+08:00",
        "2025-09-30T18:00:00+08:00", "2025-10-09T09:00:00+08:00"}) {
    at = calendar->NextChange(at);
    EXPECT_EQ(FormatTime(at), FormatTime(At(change)));
  }
  EXPECT_EQ(calendar->NextChange(calendar->End()), kMaxTime);
}

TEST(Calendar, BeyondTheHorizonIsNever) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  EXPECT_FALSE(calendar->Add(At("2025-12-31T12:00:00+08:00"), Hours(100), kEnd).at);
  EXPECT_FALSE(calendar->Add(At("2025-01-01T12:00:00+08:00"), Hours(-100), kEnd).at);
  EXPECT_FALSE(calendar->Add(At("2024-06-01T12:00:00+08:00"), Hours(1), kEnd).at);
  EXPECT_FALSE(calendar->Add(At("2026-06-01T12:00:00+08:00"), Hours(-1), kEnd).at);
  EXPECT_FALSE(calendar->NthWorkingDay(At("2025-12-31T12:00:00+08:00"), 1, kEndOfDay, false).at);
  EXPECT_FALSE(calendar->NthWorkingDay(At("2025-01-02T12:00:00+08:00"), -9, kEndOfDay, false).at);
  EXPECT_FALSE(calendar->NthCalendarDay(At("2025-12-31T12:00:00+08:00"), 1, kEndOfDay).at);
}

TEST(Calendar, ExtremesDoNotOverflow) {
  CalendarSpec spec = ShanghaiOffice();
  const Calendar calendar = Compiled(spec, 2004, 2026);
  const Time inside = At("2025-06-04T10:00:00+08:00");
  for (const int64_t micros :
       {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX, kMinTime.micros, kMaxTime.micros}) {
    const Time at{micros};
    EXPECT_FALSE(calendar->Add(at, Hours(1), kEnd).at);
    EXPECT_FALSE(calendar->Add(inside, Duration{micros}, kNext).at);
    EXPECT_FALSE(calendar->IsOpen(at));
    EXPECT_FALSE(calendar->NthWorkingDay(at, 1, kSameTime, true).at);
    EXPECT_FALSE(calendar->NthCalendarDay(at, 1, kSameTime).at);
    EXPECT_GE(calendar->NextChange(at), std::min(at, calendar->Begin()));
    calendar->LocalDate(at);
  }
  EXPECT_EQ(calendar->Between(Time{INT64_MIN}, Time{INT64_MAX}),
            calendar->Between(calendar->Begin(), calendar->End()));
  EXPECT_FALSE(calendar->NthWorkingDay(inside, INT32_MAX, kSameTime, true).at);
  EXPECT_FALSE(calendar->NthWorkingDay(inside, INT32_MIN, kEndOfDay, true).at);
  EXPECT_FALSE(calendar->NthCalendarDay(inside, INT32_MAX, kSameTime).at);
  EXPECT_FALSE(calendar->NthCalendarDay(inside, INT32_MIN, kEndOfDay).at);
  EXPECT_LT(calendar->StartOfDay(Date{INT32_MIN}), calendar->StartOfDay(Date{INT32_MAX}));
  EXPECT_FALSE(calendar->IsWorkingDay(Date{INT32_MIN}));
  EXPECT_FALSE(calendar->IsWorkingDay(Date{INT32_MAX}));
}

TEST(Calendar, ProvisionalOnceAnUnpublishedYearIsRead) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2026);
  const Time eve = At("2025-12-31T09:00:00+08:00");
  EXPECT_FALSE(calendar->Add(eve, Minutes(450), kEnd).provisional);
  EXPECT_TRUE(calendar->Add(eve, Minutes(450), kNext).provisional);
  EXPECT_TRUE(calendar->Add(eve, Minutes(451), kEnd).provisional);
  EXPECT_TRUE(calendar->Add(At("2026-01-05T12:00:00+08:00"), Hours(-20), kEnd).provisional);
  EXPECT_FALSE(
      calendar->NthWorkingDay(At("2025-12-30T09:00:00+08:00"), 1, kEndOfDay, false).provisional);
  EXPECT_TRUE(calendar->NthWorkingDay(eve, 1, kEndOfDay, false).provisional);
  EXPECT_FALSE(
      calendar->NthWorkingDay(At("2026-01-01T09:00:00+08:00"), -1, kEndOfDay, false).provisional);
  EXPECT_FALSE(calendar->NthCalendarDay(eve, 9, kEndOfDay).provisional);
  EXPECT_TRUE(
      calendar->Add(eve, Hours(5'000), kEnd).provisional);  // never, having read all of 2026
}

TEST(Calendar, EveryYearIsKnownWithoutAHorizon) {
  CalendarSpec spec = ShanghaiOffice();
  spec.published_through_year = 0;
  EXPECT_FALSE(
      Compiled(spec, 2025, 2026)->Add(At("2026-02-02T09:00:00+08:00"), Hours(1), kEnd).provisional);
}

TEST(NthWorkingDay, SevenDaysOverNationalDay) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  const Time event = At("2025-09-26T16:00:00+08:00");
  EXPECT_EQ(FormatTime(*calendar->NthWorkingDay(event, 7, kEndOfDay, false).at),
            "2025-10-13T10:00:00Z");
  EXPECT_EQ(*calendar->NthWorkingDay(event, 7, kEndOfDay, true).at,
            At("2025-10-11T18:00:00+08:00"));
  EXPECT_EQ(*calendar->NthWorkingDay(event, 7, kSameTime, false).at,
            At("2025-10-13T16:00:00+08:00"));
}

TEST(NthWorkingDay, RestDayOfTheEventIsNotCounted) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  const Time saturday = At("2025-09-20T11:00:00+08:00");
  for (const bool count_event_day : {false, true}) {
    EXPECT_EQ(*calendar->NthWorkingDay(saturday, 1, kEndOfDay, count_event_day).at,
              At("2025-09-22T18:00:00+08:00"));
  }
}

TEST(NthWorkingDay, EventAfterClosingNeverCountsItsDay) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  EXPECT_EQ(*calendar->NthWorkingDay(At("2025-09-22T17:59:59.999999+08:00"), 1, kEndOfDay, true).at,
            At("2025-09-22T18:00:00+08:00"));
  EXPECT_EQ(*calendar->NthWorkingDay(At("2025-09-22T18:00:00+08:00"), 1, kEndOfDay, true).at,
            At("2025-09-23T18:00:00+08:00"));
}

TEST(NthWorkingDay, EventAtOpeningNeverCountsItsDayBackwards) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  const Time opening = At("2025-09-24T09:00:00+08:00");
  EXPECT_EQ(*calendar->NthWorkingDay(opening, -1, kEndOfDay, true).at,
            At("2025-09-23T18:00:00+08:00"));
  const Time later = opening + Microseconds(1);
  EXPECT_EQ(*calendar->NthWorkingDay(later, -1, kEndOfDay, true).at, later);
}

TEST(NthWorkingDay, SameTimeIsClampedIntoTheDay) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  const auto next_day = [&](const char* event) {
    return FormatTime(*calendar->NthWorkingDay(At(event), 1, kSameTime, false).at);
  };
  EXPECT_EQ(next_day("2025-09-22T07:00:00+08:00"), "2025-09-23T01:00:00Z");  // opening
  EXPECT_EQ(next_day("2025-09-22T12:45:00+08:00"), "2025-09-23T05:30:00Z");  // end of the break
  EXPECT_EQ(next_day("2025-09-22T21:00:00+08:00"), "2025-09-23T10:00:00Z");  // closing
  EXPECT_EQ(next_day("2025-09-22T10:11:12.000013+08:00"), "2025-09-23T02:11:12.000013Z");
}

TEST(NthWorkingDay, NegativeCountsBackAndZeroStays) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  const Time event = At("2025-10-13T10:00:00+08:00");
  EXPECT_EQ(*calendar->NthWorkingDay(event, -1, kEndOfDay, false).at,
            At("2025-10-11T18:00:00+08:00"));
  EXPECT_EQ(*calendar->NthWorkingDay(event, -4, kSameTime, false).at,
            At("2025-09-30T10:00:00+08:00"));
  EXPECT_EQ(*calendar->NthWorkingDay(event, -1, kEndOfDay, true).at, event);
  EXPECT_EQ(*calendar->NthWorkingDay(event, -2, kSameTime, true).at,
            At("2025-10-11T10:00:00+08:00"));
  const Time night = At("2025-10-12T03:00:00+08:00");
  EXPECT_EQ(*calendar->NthWorkingDay(night, 0, kEndOfDay, false).at, night);
  EXPECT_EQ(*calendar->NthWorkingDay(night, 0, kSameTime, false).at,
            At("2025-10-13T09:00:00+08:00"));
}

TEST(NthCalendarDay, EndsAtMidnightOrAtTheSameTime) {
  const Calendar calendar = Compiled(ShanghaiOffice(), 2025, 2025);
  const Time event = At("2025-09-30T15:00:00+08:00");
  EXPECT_EQ(*calendar->NthCalendarDay(event, 3, kEndOfDay).at, At("2025-10-04T00:00:00+08:00"));
  EXPECT_EQ(*calendar->NthCalendarDay(event, 3, kSameTime).at, At("2025-10-03T15:00:00+08:00"));
  EXPECT_EQ(*calendar->NthCalendarDay(event, 0, kEndOfDay).at, At("2025-10-01T00:00:00+08:00"));
  EXPECT_EQ(*calendar->NthCalendarDay(event, -1, kEndOfDay).at, At("2025-09-30T00:00:00+08:00"));
}

TEST(SummerTime, DaysLastWhatTheyLast) {
  const Calendar berlin = Compiled(RoundTheClock("Europe/Berlin"), 2025, 2025);
  const Calendar new_york = Compiled(RoundTheClock("America/New_York"), 2025, 2025);
  const Calendar lord_howe = Compiled(RoundTheClock("Australia/Lord_Howe"), 2025, 2025);
  const auto length = [](const Calendar& calendar, const char* date) {
    const Date day = On(date);
    return calendar->StartOfDay(Date{day.days + 1}) - calendar->StartOfDay(day);
  };
  EXPECT_EQ(length(berlin, "2025-03-30"), Hours(23));
  EXPECT_EQ(length(berlin, "2025-10-26"), Hours(25));
  EXPECT_EQ(length(new_york, "2025-03-09"), Hours(23));
  EXPECT_EQ(length(new_york, "2025-11-02"), Hours(25));
  EXPECT_EQ(length(lord_howe, "2025-10-05"), Minutes(1'410));
  EXPECT_EQ(length(lord_howe, "2025-04-06"), Minutes(1'470));
  // A working day of 24 hours is 24 hours of work only where the day has them.
  EXPECT_EQ(
      berlin->Between(berlin->StartOfDay(On("2025-10-26")), berlin->StartOfDay(On("2025-10-27"))),
      Hours(25));
}

TEST(SummerTime, WorkKeepsItsLocalHours) {
  const Calendar berlin = Compiled(Weekdays("Europe/Berlin", {Work("09:00", "17:00")}), 2025, 2025);
  EXPECT_EQ(*berlin->Add(At("2025-03-28T16:00:00+01:00"), Hours(2), kEnd).at,
            At("2025-03-31T10:00:00+02:00"));
  EXPECT_EQ(*berlin->Add(At("2025-10-24T16:00:00+02:00"), Hours(2), kEnd).at,
            At("2025-10-27T10:00:00+01:00"));
  EXPECT_EQ(*berlin->NthWorkingDay(At("2025-03-28T16:00:00+01:00"), 1, kSameTime, false).at,
            At("2025-03-31T16:00:00+02:00"));
}

TEST(SummerTime, GapIsTheTransitionAndFoldTheFirstOccurrence) {
  const Calendar gap = Compiled(RoundTheClock("Europe/Berlin"), 2025, 2025);
  const Time transition = At("2025-03-30T01:00:00Z");
  EXPECT_EQ(*gap->NthCalendarDay(At("2025-03-29T02:30:00+01:00"), 1, kSameTime).at, transition);
  EXPECT_EQ(*gap->NthCalendarDay(At("2025-10-25T02:30:00+02:00"), 1, kSameTime).at,
            At("2025-10-26T02:30:00+02:00"));
  // Hours that lie wholly in the gap are no hours.
  CalendarSpec spec = RoundTheClock("Europe/Berlin");
  spec.overrides[On("2025-03-30")] = {{Work("02:10", "02:50")}, false, {}};
  const Calendar without = Compiled(spec, 2025, 2025);
  EXPECT_FALSE(without->IsWorkingDay(On("2025-03-30")));
}

TEST(SummerTime, SkippedMidnightAndSkippedDay) {
  const Calendar sao_paulo = Compiled(RoundTheClock("America/Sao_Paulo"), 2015, 2015);
  EXPECT_EQ(sao_paulo->StartOfDay(On("2015-10-18")), At("2015-10-18T03:00:00Z"));
  const Calendar apia = Compiled(RoundTheClock("Pacific/Apia"), 2011, 2012);
  EXPECT_EQ(apia->StartOfDay(On("2011-12-30")), apia->StartOfDay(On("2011-12-31")));
  EXPECT_FALSE(apia->IsWorkingDay(On("2011-12-30")));
  EXPECT_EQ(apia->LocalDate(apia->StartOfDay(On("2011-12-30"))), On("2011-12-31"));
}

TEST(LeapDay, IsADayLikeAnyOther) {
  const Calendar calendar = Compiled(Weekdays("UTC", {Work("09:00", "17:00")}), 2024, 2024);
  EXPECT_EQ(*calendar->Add(At("2024-02-28T16:00:00Z"), Hours(10), kEnd).at,
            At("2024-03-01T10:00:00Z"));
  EXPECT_EQ(*calendar->NthWorkingDay(At("2024-02-28T16:00:00Z"), 1, kEndOfDay, false).at,
            At("2024-02-29T17:00:00Z"));
}

TEST(Stored, RefusesDamageAndOtherCalendars) {
  const CalendarSpec spec = ShanghaiOffice();
  const std::string bytes = Compiled(spec, 2025, 2026)->Serialize();
  EXPECT_LT(bytes.size(), 2'000u);
  ASSERT_TRUE(CompiledCalendar::Parse(bytes, spec).ok());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_FALSE(CompiledCalendar::Parse(damaged, spec).ok()) << i;
    EXPECT_FALSE(CompiledCalendar::Parse(bytes.substr(0, i), spec).ok()) << i;
  }
  EXPECT_FALSE(CompiledCalendar::Parse(bytes + '\0', spec).ok());
  CalendarSpec other = spec;
  other.weekly[5] = {Work("09:00", "12:00")};
  EXPECT_FALSE(CompiledCalendar::Parse(bytes, other).ok());
}

}  // namespace
}  // namespace steward::sla::testing
