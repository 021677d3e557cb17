// Laws of deadlines on random calendars and random pauses.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/unit/services/sla/sample_calendars.h"

namespace steward::sla::testing {
namespace {

using Kind = Target::Kind;

const int64_t kDay = Hours(24).micros;

const Sample& AnySample() { return Samples()[*rc::gen::inRange<size_t>(0, Samples().size())]; }

Time AnyStart() {
  return Time{At("2012-01-01T00:00:00Z").micros + *rc::gen::inRange<int64_t>(0, 365 * kDay)};
}

Target AnyTarget() {
  Target target;
  target.kind = *rc::gen::element(Kind::kWallClock, Kind::kWorkingTime, Kind::kWorkingDays,
                                  Kind::kCalendarDays);
  target.amount = Duration{*rc::gen::inRange<int64_t>(1, 20 * kDay)};
  target.days = *rc::gen::inRange(1, 20);
  target.boundary = *rc::gen::element(Boundary::kEndOfInterval, Boundary::kStartOfNext);
  target.close_at = *rc::gen::element(CloseAt::kEndOfDay, CloseAt::kSameTime);
  target.count_event_day = *rc::gen::arbitrary<bool>();
  return target;
}

// Up to five, from before the start to a month after, overlapping as they please.
std::vector<Span> AnyPauses(Time start) {
  std::vector<Span> pauses;
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
    const Time from{start.micros + *rc::gen::inRange<int64_t>(-2 * kDay, 30 * kDay)};
    pauses.push_back({from, from + Duration{*rc::gen::inRange<int64_t>(1, 4 * kDay)}});
  }
  return pauses;
}

bool Works(const Target& target) {
  return target.kind == Kind::kWorkingTime || target.kind == Kind::kWorkingDays;
}

RC_GTEST_PROP(DeadlineProperty, OrderOfPausesDoesNotMatter, ()) {
  const Sample& sample = AnySample();
  const Target target = AnyTarget();
  const Time start = AnyStart();
  std::vector<Span> pauses = AnyPauses(start);
  const Reached due = Due(target, sample.calendar.get(), start, pauses);
  std::shuffle(pauses.begin(), pauses.end(), std::mt19937(*rc::gen::arbitrary<unsigned>()));
  RC_ASSERT(Due(target, sample.calendar.get(), start, pauses).at == due.at);
}

RC_GTEST_PROP(DeadlineProperty, SplittingAPauseChangesNothing, ()) {
  const Sample& sample = AnySample();
  const Target target = AnyTarget();
  const Time start = AnyStart();
  std::vector<Span> pauses = AnyPauses(start);
  const Reached due = Due(target, sample.calendar.get(), start, pauses);
  std::vector<Span> split;
  for (const Span& pause : pauses) {
    const Time cut{*rc::gen::inRange<int64_t>(pause.from.micros, pause.to.micros + 1)};
    const Time overlap{*rc::gen::inRange<int64_t>(cut.micros, pause.to.micros + 1)};
    split.push_back({cut, pause.to});
    split.push_back({pause.from, overlap});
  }
  RC_ASSERT(Due(target, sample.calendar.get(), start, split).at == due.at);
}

RC_GTEST_PROP(DeadlineProperty, PauseInClosedTimeChangesNothing, ()) {
  const Sample& sample = AnySample();
  Target target = AnyTarget();
  target.kind = *rc::gen::element(Kind::kWorkingTime, Kind::kWorkingDays);
  const Time start = AnyStart();
  std::vector<Span> pauses = AnyPauses(start);
  const Reached due = Due(target, sample.calendar.get(), start, pauses);
  Time at = start;
  for (int i = 0; i < 10; ++i) {
    const Time change = sample.calendar->NextChange(at);
    if (!sample.calendar->IsOpen(at)) {
      pauses.push_back({at, change});
    }
    at = change;
  }
  RC_ASSERT(Due(target, sample.calendar.get(), start, pauses).at == due.at);
}

RC_GTEST_PROP(DeadlineProperty, AnotherPauseNeverBringsItForward, ()) {
  const Sample& sample = AnySample();
  const Target target = AnyTarget();
  const Time start = AnyStart();
  std::vector<Span> pauses = AnyPauses(start);
  const Time due = *Due(target, sample.calendar.get(), start, pauses).at;
  for (const Span& more : AnyPauses(start)) {
    pauses.push_back(more);
  }
  RC_ASSERT(*Due(target, sample.calendar.get(), start, pauses).at >= due);
}

RC_GTEST_PROP(DeadlineProperty, DueIsWhereTheAmountIsCharged, ()) {
  const Sample& sample = AnySample();
  Target target = AnyTarget();
  target.kind = *rc::gen::element(Kind::kWorkingTime, Kind::kWallClock);
  const Time start = AnyStart();
  const std::vector<Span> pauses = AnyPauses(start);
  const Time due = *Due(target, sample.calendar.get(), start, pauses).at;
  RC_ASSERT(Charged(target, sample.calendar.get(), start, due, pauses) == target.amount);
}

RC_GTEST_PROP(DeadlineProperty, DayCountChargesItsBudget, ()) {
  const Sample& sample = AnySample();
  Target target = AnyTarget();
  target.kind = *rc::gen::element(Kind::kWorkingDays, Kind::kCalendarDays);
  const Time start = AnyStart();
  const std::vector<Span> pauses = AnyPauses(start);
  const Time due = *Due(target, sample.calendar.get(), start, pauses).at;
  RC_ASSERT(Charged(target, sample.calendar.get(), start, due, pauses) ==
            Budget(target, sample.calendar.get(), start));
}

RC_GTEST_PROP(DeadlineProperty, PausedWorkEqualsTheDayWalk, ()) {
  const Sample& sample = AnySample();
  Target target = AnyTarget();
  target.kind = Kind::kWorkingTime;
  target.boundary = Boundary::kEndOfInterval;
  const Time start = AnyStart();
  const std::vector<Span> pauses = AnyPauses(start);
  RC_ASSERT(Due(target, sample.calendar.get(), start, pauses).at ==
            sample.walk->ForwardOutside(start, target.amount, pauses));
}

RC_GTEST_PROP(DeadlineProperty, LaterStartOrMoreIsNeverEarlier, ()) {
  const Sample& sample = AnySample();
  Target target = AnyTarget();
  target.kind = *rc::gen::element(Kind::kWorkingTime, Kind::kWallClock);
  const Time start = AnyStart();
  const std::vector<Span> pauses = AnyPauses(start);
  const Time due = *Due(target, sample.calendar.get(), start, pauses).at;
  const Duration more{*rc::gen::inRange<int64_t>(0, 3 * kDay)};
  RC_ASSERT(*Due(target, sample.calendar.get(), start + more, pauses).at >= due);
  target.amount = target.amount + more;
  RC_ASSERT(*Due(target, sample.calendar.get(), start, pauses).at >= due);
}

RC_GTEST_PROP(DeadlineProperty, DueNeverPrecedesItsStart, ()) {
  const Sample& sample = AnySample();
  const Target target = AnyTarget();
  const Time start = AnyStart();
  RC_ASSERT(*Due(target, sample.calendar.get(), start, AnyPauses(start)).at >= start);
}

RC_GTEST_PROP(DeadlineProperty, SharesLieInOrderUpToDueAndBeyond, ()) {
  const Sample& sample = AnySample();
  const Target target = AnyTarget();
  const Time start = AnyStart();
  const std::vector<Span> pauses = AnyPauses(start);
  const auto at = [&](double percent) {
    return *ThresholdAt(Share{percent}, target, sample.calendar.get(), nullptr, start, pauses).at;
  };
  const double low = *rc::gen::inRange(0, 100);
  const double high = low + *rc::gen::inRange(0, 100);
  RC_ASSERT(at(low) <= at(high));
  RC_ASSERT(at(low) <= at(100));
  RC_ASSERT(at(100) <= at(150));
  RC_ASSERT(at(100) == *Due(target, sample.calendar.get(), start, pauses).at);
}

// While a clock is held, "due if it were resumed now" stands still or moves on, and is what the due becomes
// on resuming (R32).
RC_GTEST_PROP(DeadlineProperty, DueIfResumedNowNeverMovesBack, ()) {
  const Sample& sample = AnySample();
  const Target target = AnyTarget();
  const Time start = AnyStart();
  const Time held = start + Duration{*rc::gen::inRange<int64_t>(0, 5 * kDay)};
  Time last = kMinTime;
  Time now = held;
  for (int i = 0; i < 8; ++i) {
    now = now + Duration{*rc::gen::inRange<int64_t>(1, 2 * kDay)};
    const Time due = *Due(target, sample.calendar.get(), start, {{held, now}}).at;
    RC_ASSERT(due >= last);
    last = due;
  }
}

RC_GTEST_PROP(DeadlineProperty, SegmentsTileAndSum, ()) {
  const Sample& sample = AnySample();
  const Target target = AnyTarget();
  const Time start = AnyStart();
  const std::vector<Span> pauses = AnyPauses(start);
  std::vector<NamedPause> named;
  for (const Span& pause : pauses) {
    named.push_back({pause, *rc::gen::element<std::string>("customer", "parts", "")});
  }
  const Time end = *Due(target, sample.calendar.get(), start, pauses).at;
  const auto segments = ExplainSegments(target, sample.calendar.get(), start, end, named);
  Time at = start;
  Duration charged;
  for (const Segment& segment : segments) {
    RC_ASSERT(segment.span.from == at);
    RC_ASSERT(segment.span.to > at);
    at = segment.span.to;
    charged = charged + (segment.charged ? segment.span.to - segment.span.from : Duration{});
    if (segment.reason == "holiday") {
      RC_ASSERT(!segment.detail.empty());
    }
    if (segment.charged && Works(target)) {
      RC_ASSERT(segment.reason == "working" || segment.reason == "make_up");
      RC_ASSERT(sample.calendar->IsOpen(segment.span.from));
    }
  }
  RC_ASSERT(at == std::max(end, start));
  RC_ASSERT(charged == Charged(target, sample.calendar.get(), start, end, pauses));
}

}  // namespace
}  // namespace steward::sla::testing
