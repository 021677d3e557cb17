// Laws of the calendar on random calendars, and its answers against a walk over every day.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/services/sla/sample_calendars.h"

namespace steward::sla::testing {
namespace {

const int64_t kYear = Hours(24 * 365).micros;

const Sample& AnySample() { return Samples()[*rc::gen::inRange<size_t>(0, Samples().size())]; }
// Three years after the samples begin and twelve before they end: room either way.
Time AnyStart() {
  return Time{*rc::gen::inRange<int64_t>(0, kYear) + At("2010-01-01T00:00:00Z").micros};
}
Duration AnyAmount() { return Duration{*rc::gen::inRange<int64_t>(1, kYear / 8)}; }
Boundary AnyBoundary() {
  return *rc::gen::element(Boundary::kEndOfInterval, Boundary::kStartOfNext);
}

RC_GTEST_PROP(CalendarProperty, BetweenUndoesAdd, ()) {
  const Sample& sample = AnySample();
  const Time start = AnyStart();
  const Duration amount = AnyAmount();
  const Reached end = sample.calendar->Add(start, amount, AnyBoundary());
  RC_ASSERT(end.at.has_value());
  RC_ASSERT(sample.calendar->Between(start, *end.at) == amount);
}

RC_GTEST_PROP(CalendarProperty, AddingBackReturnsToTheStartOfTheWork, ()) {
  const Sample& sample = AnySample();
  const Time start = AnyStart();
  const Duration amount = AnyAmount();
  const Time end = *sample.calendar->Add(start, amount, Boundary::kEndOfInterval).at;
  const Reached back = sample.calendar->Add(end, -amount, Boundary::kEndOfInterval);
  RC_ASSERT(back.at == sample.calendar->Add(start, {}, Boundary::kEndOfInterval).at);
}

RC_GTEST_PROP(CalendarProperty, BetweenIsAdditive, ()) {
  const Sample& sample = AnySample();
  std::vector<Time> cuts{AnyStart(), AnyStart(), AnyStart()};
  std::sort(cuts.begin(), cuts.end());
  RC_ASSERT(sample.calendar->Between(cuts[0], cuts[1]) +
                sample.calendar->Between(cuts[1], cuts[2]) ==
            sample.calendar->Between(cuts[0], cuts[2]));
  RC_ASSERT(sample.calendar->Between(cuts[2], cuts[0]) == Duration{});
}

RC_GTEST_PROP(CalendarProperty, AddInTwoStepsIsAddInOne, ()) {
  const Sample& sample = AnySample();
  const Time start = AnyStart();
  const Duration first = AnyAmount();
  const Duration second = AnyAmount();
  const Boundary boundary = AnyBoundary();
  const Time middle = *sample.calendar->Add(start, first, boundary).at;
  RC_ASSERT(sample.calendar->Add(middle, second, boundary).at ==
            sample.calendar->Add(start, first + second, boundary).at);
}

RC_GTEST_PROP(CalendarProperty, LaterOrMoreIsNeverEarlier, ()) {
  const Sample& sample = AnySample();
  const Time start = AnyStart();
  const Duration amount = AnyAmount();
  const Boundary boundary = AnyBoundary();
  const Time end = *sample.calendar->Add(start, amount, boundary).at;
  RC_ASSERT(*sample.calendar->Add(start + AnyAmount(), amount, boundary).at >= end);
  RC_ASSERT(*sample.calendar->Add(start, amount + AnyAmount(), boundary).at > end);
  RC_ASSERT(*sample.calendar->Add(start, amount, Boundary::kStartOfNext).at >=
            *sample.calendar->Add(start, amount, Boundary::kEndOfInterval).at);
}

RC_GTEST_PROP(CalendarProperty, MakeUpDaysCountInEveryOperation, ()) {
  // A make-up day with six hours, in the midst of a rest day.
  CalendarSpec spec = Weekdays("Asia/Shanghai", {Work("09:00", "17:00")});
  const Date saturday{On("2025-01-04").days + 7 * *rc::gen::inRange(0, 40)};
  const Calendar without = Compiled(spec, 2025, 2025);
  spec.overrides[saturday] = {{Work("10:00", "16:00")}, true, {}};
  const Calendar with = Compiled(spec, 2025, 2025);
  const Time before = with->StartOfDay(Date{saturday.days - 3});
  const Time after = with->StartOfDay(Date{saturday.days + 7});
  RC_ASSERT(with->Between(before, after) - without->Between(before, after) == Hours(6));
  RC_ASSERT(*with->Add(before, Hours(40), Boundary::kEndOfInterval).at <
            *without->Add(before, Hours(40), Boundary::kEndOfInterval).at);
  RC_ASSERT(*with->Add(after, Hours(-44), Boundary::kEndOfInterval).at >
            *without->Add(after, Hours(-44), Boundary::kEndOfInterval).at);
  RC_ASSERT(*with->NthWorkingDay(before, 5, CloseAt::kEndOfDay, false).at <
            *without->NthWorkingDay(before, 5, CloseAt::kEndOfDay, false).at);
  RC_ASSERT(*with->NthWorkingDay(after, -6, CloseAt::kEndOfDay, false).at >
            *without->NthWorkingDay(after, -6, CloseAt::kEndOfDay, false).at);
  RC_ASSERT(with->IsWorkingDay(saturday) && !without->IsWorkingDay(saturday));
  RC_ASSERT(with->IsOpen(with->StartOfDay(saturday) + Hours(12)));

  Target target{Target::Kind::kWorkingTime, Hours(40)};
  const Moment most = Share{70};
  RC_ASSERT(*ThresholdAt(most, target, with.get(), nullptr, before, {}).at <
            *ThresholdAt(most, target, without.get(), nullptr, before, {}).at);
  const std::vector<Span> held{
      {with->StartOfDay(saturday), with->StartOfDay(saturday) + Hours(24)}};
  RC_ASSERT(Charged(target, with.get(), before, after, held) == without->Between(before, after));
  RC_ASSERT(Due(target, with.get(), before, held).at == Due(target, without.get(), before, {}).at);
}

RC_GTEST_PROP(CalendarProperty, StoredFormGivesTheSameCalendar, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<uint64_t>());
  const CalendarSpec spec = RandomSpec(random);
  const Calendar calendar = Compiled(spec, 2011, 2012);
  const std::string bytes = calendar->Serialize();
  const auto parsed = CompiledCalendar::Parse(bytes, spec);
  RC_ASSERT(parsed.ok());
  RC_ASSERT((*parsed)->Serialize() == bytes);
  const Time start{At("2011-02-01T00:00:00Z").micros + *rc::gen::inRange<int64_t>(0, kYear)};
  RC_ASSERT((*parsed)->Add(start, Hours(30), Boundary::kStartOfNext).at ==
            calendar->Add(start, Hours(30), Boundary::kStartOfNext).at);
  RC_ASSERT((*parsed)->NthWorkingDay(start, 3, CloseAt::kSameTime, true).at ==
            calendar->NthWorkingDay(start, 3, CloseAt::kSameTime, true).at);
}

// 100,000 random cases with spans of up to ten years equal the walk over every day.
TEST(CalendarAgainstDayWalk, HundredThousandCases) {
  std::mt19937_64 random(7);
  const auto number = [&random](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  const int64_t first = At("2009-06-01T00:00:00Z").micros;
  for (int i = 0; i < 100'000; ++i) {
    const Sample& sample = Samples()[static_cast<size_t>(i) % Samples().size()];
    const CompiledCalendar& calendar = *sample.calendar;
    const Time start{first + number(0, kYear)};
    const Time end{start.micros + number(0, 10 * kYear)};
    const Duration work = calendar.Between(start, end);
    if (i % 2 == 0 || work == Duration{}) {
      ASSERT_EQ(work, sample.walk->Between(start, end)) << i;
      continue;
    }
    switch (i / 2 % 4) {
      case 0:
        ASSERT_EQ(calendar.Add(start, work, Boundary::kEndOfInterval).at,
                  sample.walk->Forward(start, work, Boundary::kEndOfInterval))
            << i;
        break;
      case 1:
        ASSERT_EQ(calendar.Add(start, work, Boundary::kStartOfNext).at,
                  sample.walk->Forward(start, work, Boundary::kStartOfNext))
            << i;
        break;
      case 2:
        ASSERT_EQ(calendar.Add(end, -work, Boundary::kEndOfInterval).at,
                  sample.walk->Backward(end, work))
            << i;
        break;
      default: {
        const int n = static_cast<int>(number(1, 2'000)) * (i % 16 == 7 ? 1 : -1);
        const Time event = n > 0 ? start : end;
        ASSERT_EQ(calendar.NthWorkingDay(event, n, CloseAt::kEndOfDay, false).at,
                  sample.walk->EndOfNthWorkingDay(event, n))
            << i;
      }
    }
  }
}

}  // namespace
}  // namespace steward::sla::testing
