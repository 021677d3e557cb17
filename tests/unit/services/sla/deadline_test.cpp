#include "services/sla/domain/deadline.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/services/sla/sample_calendars.h"

namespace steward::sla::testing {
namespace {

using Kind = Target::Kind;

class Deadlines : public ::testing::Test {
 protected:
  const CompiledCalendar* office() const { return office_.get(); }
  std::string DueAt(const Target& target, const char* start,
                    const std::vector<Span>& pauses = {}) const {
    const Reached due = Due(target, office(), At(start), pauses);
    return due.at ? FormatTime(*due.at) : "never";
  }

  Calendar office_ = Compiled(ShanghaiOffice(), 2025, 2026);
};

Span Pause(const char* from, const char* to) { return {At(from), At(to)}; }
std::string Utc(const char* local) { return FormatTime(At(local)); }

TEST_F(Deadlines, WallClockNeedsNoCalendar) {
  const Target target{Kind::kWallClock, Hours(48)};
  EXPECT_FALSE(NeedsCalendar(target));
  const Time start = At("2025-10-01T10:00:00+08:00");
  EXPECT_EQ(*Due(target, nullptr, start, {}).at, start + Hours(48));
  EXPECT_EQ(*Due(target, office(), start, {}).at, start + Hours(48));
}

TEST_F(Deadlines, WallClockPausesAreChargedAsElapsedTime) {
  const Target target{Kind::kWallClock, Hours(2)};
  EXPECT_EQ(DueAt(target, "2025-10-01T10:00:00+08:00",
                  {Pause("2025-10-01T11:00:00+08:00", "2025-10-01T15:30:00+08:00")}),
            Utc("2025-10-01T16:30:00+08:00"));
}

TEST_F(Deadlines, WorkingTimeSkipsTheHolidayAndCountsTheMakeUpDay) {
  EXPECT_EQ(DueAt({Kind::kWorkingTime, Hours(10)}, "2025-09-30T15:00:00+08:00"),
            Utc("2025-10-09T17:30:00+08:00"));
  EXPECT_EQ(DueAt({Kind::kWorkingTime, Hours(2)}, "2025-10-10T17:00:00+08:00"),
            Utc("2025-10-11T10:00:00+08:00"));
}

TEST_F(Deadlines, CalendarIsNeededForWhatCountsInIt) {
  for (const Kind kind : {Kind::kWorkingTime, Kind::kWorkingDays, Kind::kCalendarDays}) {
    const Target target{kind, Hours(1), 1};
    EXPECT_TRUE(NeedsCalendar(target));
    EXPECT_FALSE(Due(target, nullptr, kEpoch, {}).at);
    EXPECT_EQ(Charged(target, nullptr, kEpoch, kEpoch + Hours(1), {}), Duration{});
  }
}

TEST_F(Deadlines, ImmediateIsDueAtItsStart) {
  const Target target{Kind::kImmediate, {}};
  const Time start = At("2025-10-01T10:00:00+08:00");
  EXPECT_EQ(*Due(target, nullptr, start, {{start - Hours(1), start + Hours(1)}}).at, start);
  EXPECT_EQ(Budget(target, nullptr, start), Duration{});
  EXPECT_EQ(Charged(target, nullptr, start, start + Hours(2), {}), Hours(2));
}

TEST_F(Deadlines, OpenPauseHasNoDueUnlessTheBudgetEndsBefore) {
  const Target target{Kind::kWorkingTime, Hours(2)};
  const char* start = "2025-09-30T09:00:00+08:00";
  EXPECT_EQ(DueAt(target, start, {{At("2025-09-30T10:59:59+08:00"), kMaxTime}}), "never");
  EXPECT_EQ(DueAt(target, start, {{At("2025-09-30T11:00:00+08:00"), kMaxTime}}),
            Utc("2025-09-30T11:00:00+08:00"));
  const Target elapsed{Kind::kWallClock, Hours(2)};
  EXPECT_EQ(DueAt(elapsed, start, {{At("2025-09-30T10:00:00+08:00"), kMaxTime}}), "never");
}

TEST_F(Deadlines, PauseBeforeTheStartIsIgnored) {
  const Target target{Kind::kWorkingTime, Hours(2)};
  EXPECT_EQ(DueAt(target, "2025-09-30T10:00:00+08:00",
                  {Pause("2025-09-29T10:00:00+08:00", "2025-09-30T10:30:00+08:00")}),
            Utc("2025-09-30T14:00:00+08:00"));
}

TEST_F(Deadlines, StartOfNextMeansWhenTheClockWouldRunAgain) {
  Target target{Kind::kWorkingTime, Minutes(450)};
  target.boundary = Boundary::kStartOfNext;
  const char* start = "2025-09-30T09:00:00+08:00";
  EXPECT_EQ(DueAt(target, start), Utc("2025-10-09T09:00:00+08:00"));
  EXPECT_EQ(DueAt(target, start, {Pause("2025-10-02T00:00:00+08:00", "2025-10-09T09:00:00+08:00")}),
            Utc("2025-10-09T09:00:00+08:00"));
  EXPECT_EQ(DueAt(target, start, {Pause("2025-10-02T00:00:00+08:00", "2025-10-09T10:00:00+08:00")}),
            Utc("2025-10-09T10:00:00+08:00"));
  // The end of a budget inside working hours is no closing.
  target.amount = Hours(2);
  EXPECT_EQ(DueAt(target, start, {Pause("2025-09-30T11:00:00+08:00", "2025-09-30T15:00:00+08:00")}),
            Utc("2025-09-30T11:00:00+08:00"));
}

TEST_F(Deadlines, PauseOfADayCountIsAddedAsWorkingTime) {
  const Target target{Kind::kWorkingDays, {}, 7};
  const char* start = "2025-09-26T16:00:00+08:00";
  EXPECT_EQ(DueAt(target, start), Utc("2025-10-13T18:00:00+08:00"));
  // Four hours of work on a counted day: four hours into the day after the nominal one.
  EXPECT_EQ(DueAt(target, start, {Pause("2025-09-29T09:00:00+08:00", "2025-09-29T14:30:00+08:00")}),
            Utc("2025-10-14T14:30:00+08:00"));
  // A weekend or a holiday costs nothing.
  EXPECT_EQ(DueAt(target, start, {Pause("2025-10-01T00:00:00+08:00", "2025-10-09T00:00:00+08:00")}),
            Utc("2025-10-13T18:00:00+08:00"));
  // What goes on over the nominal due is charged until it ends.
  EXPECT_EQ(DueAt(target, start, {Pause("2025-10-13T17:00:00+08:00", "2025-10-14T10:00:00+08:00")}),
            Utc("2025-10-14T11:00:00+08:00"));
  EXPECT_EQ(DueAt(target, start, {{At("2025-10-13T17:00:00+08:00"), kMaxTime}}), "never");
}

TEST_F(Deadlines, PauseOfCalendarDaysIsAddedAsElapsedTime) {
  const Target target{Kind::kCalendarDays, {}, 3};
  const char* start = "2025-10-01T15:00:00+08:00";
  EXPECT_EQ(DueAt(target, start), Utc("2025-10-05T00:00:00+08:00"));
  EXPECT_EQ(DueAt(target, start, {Pause("2025-10-02T00:00:00+08:00", "2025-10-02T05:00:00+08:00")}),
            Utc("2025-10-05T05:00:00+08:00"));
}

TEST_F(Deadlines, BeforeCountsBackFromTheAnchor) {
  Target target{Kind::kWallClock, Hours(48)};
  target.before = true;
  EXPECT_EQ(DueAt(target, "2025-10-03T10:00:00+08:00"), Utc("2025-10-01T10:00:00+08:00"));
  target = {Kind::kWorkingTime, Hours(4)};
  target.before = true;
  EXPECT_EQ(DueAt(target, "2025-10-09T10:00:00+08:00"), Utc("2025-09-30T15:00:00+08:00"));
  target.amount = {};
  EXPECT_EQ(DueAt(target, "2025-10-05T10:00:00+08:00"), Utc("2025-09-30T18:00:00+08:00"));
  target = {Kind::kWorkingDays, {}, 1};
  target.before = true;
  EXPECT_EQ(DueAt(target, "2025-10-13T10:00:00+08:00"), Utc("2025-10-11T18:00:00+08:00"));
  EXPECT_EQ(Budget(target, office(), At("2025-10-13T10:00:00+08:00")), Hours(1));
  target = {Kind::kCalendarDays, {}, 1};
  target.before = true;
  target.close_at = CloseAt::kSameTime;
  EXPECT_EQ(DueAt(target, "2025-10-13T10:00:00+08:00"), Utc("2025-10-12T10:00:00+08:00"));
}

TEST_F(Deadlines, UnionMergesSortsAndDropsEmpty) {
  const auto span = [](int64_t from, int64_t to) { return Span{Time{from}, Time{to}}; };
  EXPECT_EQ(Union({span(5, 9), span(1, 3), span(3, 4), span(7, 7), span(9, 8), span(6, 12)}),
            (std::vector<Span>{span(1, 4), span(5, 12)}));
}

TEST_F(Deadlines, ChargedLeavesPausesOut) {
  const Target target{Kind::kWorkingTime, Hours(8)};
  EXPECT_EQ(
      Charged(target, office(), At("2025-09-30T09:00:00+08:00"), At("2025-10-09T10:00:00+08:00"),
              {Pause("2025-09-30T10:00:00+08:00", "2025-09-30T14:00:00+08:00"),
               Pause("2025-09-30T11:00:00+08:00", "2025-09-30T14:30:00+08:00")}),
      Minutes(60 + 210 + 60));
}

Reached ShareOf(double percent, const Target& target, const CompiledCalendar* calendar, Time start,
                const std::vector<Span>& pauses = {}) {
  return ThresholdAt(Share{percent}, target, calendar, nullptr, start, pauses);
}

TEST_F(Deadlines, EightyPercentOfWorkingTime) {
  CalendarSpec spec = ShanghaiOffice();
  spec.overrides[On("2025-01-26")] = {{}, true, {}};
  const Calendar calendar = Compiled(spec, 2025, 2025);
  EXPECT_EQ(
      *ShareOf(80, {Kind::kWorkingTime, Hours(4)}, calendar.get(), At("2025-01-26T16:00:00+08:00"))
           .at,
      At("2025-01-27T10:12:00+08:00"));
}

TEST_F(Deadlines, ShareIsRoundedUpToAMicrosecond) {
  const Target target{Kind::kWallClock, Microseconds(1'000)};
  EXPECT_EQ(*ShareOf(0.1, target, nullptr, kEpoch).at, Time{1});
  EXPECT_EQ(*ShareOf(0.11, target, nullptr, kEpoch).at, Time{2});
  EXPECT_EQ(*ShareOf(33.3, target, nullptr, kEpoch).at, Time{333});
  EXPECT_EQ(*ShareOf(150, target, nullptr, kEpoch).at, Time{1'500});
  EXPECT_EQ(*ShareOf(0, target, nullptr, kEpoch).at, kEpoch);
}

TEST_F(Deadlines, HundredPercentIsDue) {
  const Time start = At("2025-09-26T16:00:00+08:00");
  for (const CloseAt close_at : {CloseAt::kEndOfDay, CloseAt::kSameTime}) {
    Target target{Kind::kWorkingDays, {}, 7};
    target.close_at = close_at;
    const std::vector<Span> pauses{Pause("2025-09-29T09:00:00+08:00", "2025-09-29T14:30:00+08:00")};
    const Time due = *Due(target, office(), start, pauses).at;
    EXPECT_EQ(*ShareOf(100, target, office(), start, pauses).at, due);
    EXPECT_LT(*ShareOf(99, target, office(), start, pauses).at, due);
    EXPECT_GT(*ShareOf(101, target, office(), start, pauses).at, due);
  }
}

TEST_F(Deadlines, ShareOfADayCountIsOfItsWorkingTime) {
  // 2 h on the day of the event, 7.5 h on the next: half is 4.75 h, 2.75 h into the second day.
  const Target target{Kind::kWorkingDays, {}, 1};
  const Time start = At("2025-09-22T16:00:00+08:00");
  EXPECT_EQ(Budget(target, office(), start), Minutes(570));
  EXPECT_EQ(*ShareOf(50, target, office(), start).at, At("2025-09-23T11:45:00+08:00"));
}

TEST_F(Deadlines, ShareNeverPassesDue) {
  // Due at the opening of the event's own day: no working time to take a share of.
  Target target{Kind::kWorkingDays, {}, 1};
  target.close_at = CloseAt::kSameTime;
  target.count_event_day = true;
  const Time start = At("2025-09-22T07:00:00+08:00");
  const std::vector<Span> pauses{Pause("2025-09-22T09:00:00+08:00", "2025-09-22T10:00:00+08:00")};
  EXPECT_EQ(*Due(target, office(), start, pauses).at, At("2025-09-22T09:00:00+08:00"));
  EXPECT_EQ(*ShareOf(50, target, office(), start, pauses).at, At("2025-09-22T09:00:00+08:00"));
}

TEST_F(Deadlines, ShareMovesWithPauses) {
  const Target target{Kind::kWorkingTime, Hours(4)};
  const Time start = At("2025-09-22T09:00:00+08:00");
  EXPECT_EQ(*ShareOf(50, target, office(), start,
                     {Pause("2025-09-22T10:00:00+08:00", "2025-09-22T11:00:00+08:00")})
                 .at,
            At("2025-09-22T12:00:00+08:00"));
}

TEST_F(Deadlines, OffsetsInElapsedAndInWorkingTime) {
  const Target target{Kind::kWorkingTime, Hours(2)};
  const Time start = At("2025-10-09T09:00:00+08:00");  // due 11:00
  const auto at = [&](Duration offset, const CompiledCalendar* calendar) {
    return FormatTime(*ThresholdAt(Offset{offset}, target, office(), calendar, start, {}).at);
  };
  EXPECT_EQ(at(Hours(-4), nullptr), Utc("2025-10-09T07:00:00+08:00"));
  EXPECT_EQ(at(Hours(-4), office()), Utc("2025-09-30T16:00:00+08:00"));
  EXPECT_EQ(at(Hours(1), office()), Utc("2025-10-09T12:00:00+08:00"));
  EXPECT_EQ(at({}, office()), Utc("2025-10-09T11:00:00+08:00"));
}

TEST_F(Deadlines, NoDueNoThreshold) {
  const Target target{Kind::kWorkingTime, Hours(2)};
  const std::vector<Span> held{{kEpoch, kMaxTime}};
  EXPECT_FALSE(ShareOf(80, target, office(), At("2025-10-09T09:00:00+08:00"), held).at);
  EXPECT_FALSE(ThresholdAt(Offset{Hours(-1)}, target, office(), nullptr,
                           At("2025-10-09T09:00:00+08:00"), held)
                   .at);
}

TEST_F(Deadlines, ExtremesDoNotOverflow) {
  for (const Kind kind : {Kind::kWallClock, Kind::kWorkingTime, Kind::kWorkingDays,
                          Kind::kCalendarDays, Kind::kImmediate}) {
    for (const int64_t micros : {INT64_MIN, INT64_MAX}) {
      for (const bool before : {false, true}) {
        Target target{kind, Duration{micros}, micros < 0 ? INT32_MIN : INT32_MAX};
        target.before = before;
        const std::vector<Span> pauses{{Time{INT64_MIN}, Time{INT64_MAX}}, {kMinTime, kMaxTime}};
        for (const Time start :
             {Time{INT64_MIN}, Time{INT64_MAX}, At("2025-10-09T09:00:00+08:00")}) {
          Due(target, office(), start, {});
          Due(target, office(), start, pauses);
          Charged(target, office(), Time{INT64_MIN}, Time{INT64_MAX}, pauses);
          Budget(target, office(), start);
          for (const double percent : {-1.0, 0.0, 1e300, std::nan("")}) {
            ShareOf(percent, target, office(), start);
          }
          ThresholdAt(Offset{Duration{micros}}, target, office(), office(), start, {});
          ThresholdAt(Offset{Duration{micros}}, target, office(), nullptr, start, pauses);
          EXPECT_LT(ExplainSegments(target, office(), Time{INT64_MIN}, Time{INT64_MAX}, {}).size(),
                    3'000u);
        }
      }
    }
  }
}

std::string Shown(const std::vector<Segment>& segments) {
  std::string text;
  for (const Segment& segment : segments) {
    text += FormatTime(segment.span.from) + " " + segment.reason +
            (segment.detail.empty() ? "" : " (" + segment.detail + ")") +
            (segment.charged ? " +" : "") + "\n";
  }
  return text;
}

TEST_F(Deadlines, ExplainNamesHolidayMakeUpDayAndHold) {
  const Target target{Kind::kWorkingTime, Hours(10)};
  const std::vector<NamedPause> pauses{
      {Pause("2025-10-10T16:00:00+08:00", "2025-10-10T17:00:00+08:00"), "waiting_customer"},
      {Pause("2025-10-10T16:30:00+08:00", "2025-10-10T18:00:00+08:00"), "waiting_parts"}};
  EXPECT_EQ(Shown(ExplainSegments(target, office(), At("2025-09-30T17:00:00+08:00"),
                                  At("2025-10-11T10:00:00+08:00"), pauses)),
            "2025-09-30T09:00:00Z working +\n"
            "2025-09-30T10:00:00Z closed\n"
            "2025-09-30T16:00:00Z holiday (National Day / 国庆节)\n"
            "2025-10-08T16:00:00Z closed\n"
            "2025-10-09T01:00:00Z working +\n"
            "2025-10-09T04:00:00Z closed\n"
            "2025-10-09T05:30:00Z working +\n"
            "2025-10-09T10:00:00Z closed\n"
            "2025-10-10T01:00:00Z working +\n"
            "2025-10-10T04:00:00Z closed\n"
            "2025-10-10T05:30:00Z working +\n"
            "2025-10-10T08:00:00Z paused (waiting_customer)\n"
            "2025-10-10T08:30:00Z paused (waiting_customer, waiting_parts)\n"
            "2025-10-10T09:00:00Z paused (waiting_parts)\n"
            "2025-10-10T10:00:00Z closed\n"
            "2025-10-10T16:00:00Z closed (National Day / 国庆节)\n"
            "2025-10-11T01:00:00Z make_up (National Day / 国庆节) +\n");
}

TEST_F(Deadlines, ExplainWallClockAndOutsideTheHorizon) {
  const Time start = At("2025-10-01T00:00:00+08:00");
  const auto elapsed =
      ExplainSegments({Kind::kWallClock, Hours(1)}, nullptr, start, start + Hours(1), {});
  EXPECT_EQ(Shown(elapsed), "2025-09-30T16:00:00Z elapsed +\n");
  const Time end = office()->End();
  EXPECT_EQ(Shown(ExplainSegments({Kind::kWorkingTime, Hours(1)}, office(), end - Hours(1),
                                  end + Hours(9), {})),
            "2026-12-31T15:00:00Z closed\n2026-12-31T16:00:00Z not_counted\n");
  EXPECT_TRUE(ExplainSegments({Kind::kWallClock, Hours(1)}, nullptr, start, start, {}).empty());
}

}  // namespace
}  // namespace steward::sla::testing
