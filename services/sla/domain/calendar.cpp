#include "services/sla/domain/calendar.h"

#include <algorithm>

#include "libs/base/status.h"
#include "services/sla/domain/compiled_form.h"
#include "services/sla/domain/gallop.h"

namespace steward::sla {
namespace {

// Inside these bounds sums and differences of two values never overflow.
int64_t Clamped(Time t) { return std::clamp(t, kMinTime, kMaxTime).micros; }
int64_t Clamped(Duration d) { return std::clamp(d.micros, kMinTime.micros, kMaxTime.micros); }

Reached Never(bool provisional) { return {std::nullopt, provisional}; }

}  // namespace

struct CompiledCalendar::Rep {
  CalendarSpec spec;
  CompiledForm form;
  // From this day on holidays are not decreed (R18).
  int32_t unpublished_day = INT32_MAX;
  int64_t unpublished_from = kMaxTime.micros;

  Rep(CalendarSpec calendar, CompiledForm compiled)
      : spec(std::move(calendar)), form(std::move(compiled)) {
    const int last_known = spec.published_through_year;
    if (last_known == 0) {
      return;
    }
    const auto first = GallopForward(0, form.day_count(), [&](int64_t day) {
      return YearOf(Date{form.first_day + static_cast<int32_t>(day)}) > last_known;
    });
    unpublished_day = static_cast<int32_t>(first);
    unpublished_from = form.day_start[first];
  }

  bool HasDay(int64_t index) const { return index >= 0 && index < form.day_count(); }
  Reached NeverFrom() const { return Never(unpublished_day < form.day_count()); }
  Reached At(int64_t t, int64_t latest_read) const {
    return {Time{t}, latest_read >= unpublished_from};
  }

  Reached Roll(int64_t start, uint32_t interval, bool backwards) const;
  // The instant in an interval at which `target` has passed since the beginning.
  Reached Inside(int64_t start, uint32_t interval, int64_t target) const {
    const WorkInterval& in = form.intervals.data()[interval];
    return At(in.open + (target - in.before), std::max(start, in.open));
  }
  Reached Far(int64_t start, uint32_t interval, int64_t target, int64_t wanted) const;
  Reached Forward(int64_t start, uint32_t interval, int64_t target, Boundary boundary) const;
  Reached Backward(int64_t start, uint32_t interval, int64_t target) const;
  // Local time of day of an instant, kept within its day.
  int64_t TimeOfDay(int64_t t, int32_t day) const;
  int64_t AtTimeOfDay(int32_t day, int64_t time_of_day) const;
  int64_t ClampIntoDay(int32_t day, int64_t t) const;
  // Index of the n-th working day from `day`, or nothing before the horizon.
  std::optional<int32_t> CountDays(int32_t day, int64_t event, int n, bool count_event_day) const;
};

CompiledCalendar::CompiledCalendar(std::unique_ptr<const Rep> rep) : rep_(std::move(rep)) {}
CompiledCalendar::~CompiledCalendar() = default;

absl::StatusOr<std::shared_ptr<const CompiledCalendar>> CompiledCalendar::Compile(
    const CalendarSpec& spec, int first_year, int last_year) {
  ASSIGN_OR_RETURN(CompiledForm form, CompileDays(spec, first_year, last_year));
  return std::shared_ptr<const CompiledCalendar>(
      new CompiledCalendar(std::make_unique<const Rep>(spec, std::move(form))));
}

std::string CompiledCalendar::Serialize() const {
  return EncodeForm(rep_->form, Fingerprint(rep_->spec));
}

absl::StatusOr<std::shared_ptr<const CompiledCalendar>> CompiledCalendar::Parse(
    std::string_view bytes, const CalendarSpec& spec) {
  ASSIGN_OR_RETURN(CompiledForm form, DecodeForm(bytes, Fingerprint(spec)));
  return std::shared_ptr<const CompiledCalendar>(
      new CompiledCalendar(std::make_unique<const Rep>(spec, std::move(form))));
}

Reached CompiledCalendar::Rep::Roll(int64_t start, uint32_t interval, bool backwards) const {
  const WorkInterval& next = form.intervals[interval];
  if (start >= next.open) {
    return At(start, start);  // working right now
  }
  if (!backwards) {
    return interval == form.interval_count() ? NeverFrom() : At(next.open, next.open);
  }
  return interval == 0 ? NeverFrom() : At(form.intervals[interval - 1].close, start);
}

Reached CompiledCalendar::Rep::Forward(int64_t start, uint32_t interval, int64_t target,
                                       Boundary boundary) const {
  // The interval whose end is the first to reach (end_of_interval) or to pass the target.
  const int64_t wanted = target + (boundary == Boundary::kEndOfInterval ? 0 : 1);
  const WorkInterval* intervals = form.intervals.data();
  // Most deadlines lie near: the first few intervals are counted without branches.
  constexpr uint32_t kNear = CompiledForm::kSentinels - 1;
  uint32_t passed = 0;
  for (uint32_t i = 1; i <= kNear; ++i) {
    passed += intervals[interval + i].before < wanted ? 1 : 0;
  }
  return passed < kNear ? Inside(start, interval + passed, target)
                        : Far(start, interval, target, wanted);
}

Reached CompiledCalendar::Rep::Far(int64_t start, uint32_t interval, int64_t target,
                                   int64_t wanted) const {
  const uint32_t found = form.FirstReaching(interval, wanted);
  return found == form.interval_count() ? NeverFrom() : Inside(start, found, target);
}

Reached CompiledCalendar::Rep::Backward(int64_t start, uint32_t interval, int64_t target) const {
  const auto& intervals = form.intervals;
  if (target < 0) {
    return NeverFrom();
  }
  // R7: a budget that ends at an opening stays there, so the last interval that starts by then.
  const auto found =
      GallopBackward(interval, [&](int64_t i) { return intervals[i].before <= target; });
  return At(intervals[found].open + (target - intervals[found].before), start);
}

Reached CompiledCalendar::Add(Time start, Duration amount, Boundary boundary,
                              bool backwards) const {
  const Rep& rep = *rep_;
  const int64_t from = start.micros;
  if (!rep.form.Covers(from)) {
    return rep.NeverFrom();
  }
  const uint32_t interval = rep.form.IntervalIn(from);
  if (amount.micros == 0) {
    return rep.Roll(from, interval, backwards);
  }
  const int64_t target = rep.form.WorkBefore(from, interval) + Clamped(amount);
  return amount.micros > 0 ? rep.Forward(from, interval, target, boundary)
                           : rep.Backward(from, interval, target);
}

Duration CompiledCalendar::Between(Time from, Time to) const {
  if (to <= from) {
    return {};
  }
  const int64_t a = Clamped(from);
  const int64_t b = Clamped(to);
  return {rep_->form.WorkBefore(b, rep_->form.IntervalAt(b)) -
          rep_->form.WorkBefore(a, rep_->form.IntervalAt(a))};
}

bool CompiledCalendar::IsOpen(Time at) const {
  const int64_t t = Clamped(at);
  return rep_->form.Covers(t) && t >= rep_->form.intervals[rep_->form.IntervalAt(t)].open;
}

Time CompiledCalendar::NextChange(Time at) const {
  const int64_t t = Clamped(at);
  const WorkInterval& next = rep_->form.intervals[rep_->form.IntervalAt(t)];
  return Time{t < next.open ? next.open : next.close};
}

int64_t CompiledCalendar::Rep::TimeOfDay(int64_t t, int32_t day) const {
  const int64_t midnight = int64_t{form.first_day + day} * kMicrosPerDay;
  return std::clamp<int64_t>(t + form.zone.OffsetAt(t) - midnight, 0, kMicrosPerDay - 1);
}

int64_t CompiledCalendar::Rep::AtTimeOfDay(int32_t day, int64_t time_of_day) const {
  return form.zone.ToUtc(int64_t{form.first_day + day} * kMicrosPerDay + time_of_day);
}

// Before opening: the opening; after closing: the closing; in a break: its end.
int64_t CompiledCalendar::Rep::ClampIntoDay(int32_t day, int64_t t) const {
  const uint32_t interval = form.IntervalAt(t);
  const uint32_t last = form.first_interval[day + 1] - 1;
  return interval > last ? form.intervals[last].close : std::max(t, form.intervals[interval].open);
}

std::optional<int32_t> CompiledCalendar::Rep::CountDays(int32_t day, int64_t event, int n,
                                                        bool count_event_day) const {
  const auto& before = form.working_days_before;
  const bool counts = count_event_day && form.IsWorkingDay(day);
  if (n > 0) {
    const bool today = counts && event < form.intervals[form.first_interval[day + 1] - 1].close;
    const int32_t from = today ? day : day + 1;
    const int64_t wanted = int64_t{before[from]} + n;
    const auto found =
        GallopForward(from, form.day_count(), [&](int64_t d) { return before[d + 1] >= wanted; });
    return found == form.day_count() ? std::nullopt
                                     : std::optional<int32_t>(static_cast<int32_t>(found));
  }
  const bool today = counts && event > form.intervals[form.first_interval[day]].open;
  const int32_t end = today ? day + 1 : day;
  const int64_t wanted = int64_t{before[end]} + n;
  const auto found =
      GallopBackward(int64_t{end} - 1, [&](int64_t d) { return before[d] <= wanted; });
  return wanted < 0 || found < 0 ? std::nullopt
                                 : std::optional<int32_t>(static_cast<int32_t>(found));
}

Reached CompiledCalendar::NthWorkingDay(Time event, int n, CloseAt close_at,
                                        bool count_event_day) const {
  const Rep& rep = *rep_;
  const int64_t at = Clamped(event);
  if (!rep.form.Covers(at)) {
    return rep.NeverFrom();
  }
  if (n == 0) {
    return close_at == CloseAt::kSameTime ? Add(event, {}, Boundary::kEndOfInterval)
                                          : Reached{Time{at}, false};
  }
  const int32_t day = rep.form.DayOf(at);
  const auto target = rep.CountDays(day, at, n, count_event_day);
  if (!target) {
    return rep.NeverFrom();
  }
  const uint32_t last = rep.form.first_interval[*target + 1] - 1;
  int64_t due = rep.form.intervals[last].close;
  if (close_at == CloseAt::kSameTime) {
    const int64_t same = rep.AtTimeOfDay(*target, rep.TimeOfDay(at, day));
    due = rep.ClampIntoDay(*target, same);
  }
  // Counting back never passes the event, counting on never precedes it.
  due = n > 0 ? std::max(due, at) : std::min(due, at);
  const int32_t latest_read = n > 0 ? *target : count_event_day ? day : day - 1;
  return {Time{due}, latest_read >= rep.unpublished_day};
}

Reached CompiledCalendar::NthCalendarDay(Time event, int n, CloseAt close_at) const {
  const Rep& rep = *rep_;
  const int64_t at = Clamped(event);
  if (!rep.form.Covers(at)) {
    return Never(false);
  }
  const int32_t day = rep.form.DayOf(at);
  const int64_t target = int64_t{day} + n;
  if (!rep.HasDay(target)) {
    return Never(false);
  }
  if (close_at == CloseAt::kEndOfDay) {
    return {Time{rep.form.day_start[target + 1]}, false};
  }
  return {Time{rep.AtTimeOfDay(static_cast<int32_t>(target), rep.TimeOfDay(at, day))}, false};
}

Date CompiledCalendar::LocalDate(Time at) const {
  const int64_t t = Clamped(at);
  if (rep_->form.Covers(t)) {
    return Date{rep_->form.first_day + rep_->form.DayOf(t)};
  }
  const int64_t local = t + rep_->form.zone.OffsetAt(t);
  const int64_t floor = local / kMicrosPerDay - (local % kMicrosPerDay < 0 ? 1 : 0);
  return Date{static_cast<int32_t>(floor)};
}

Time CompiledCalendar::StartOfDay(Date date) const {
  const int64_t index = int64_t{date.days} - rep_->form.first_day;
  if (index >= 0 && index <= rep_->form.day_count()) {
    return Time{rep_->form.day_start[index]};
  }
  const int64_t furthest = kMaxTime.micros / kMicrosPerDay;
  const int64_t days = std::clamp<int64_t>(date.days, -furthest, furthest);
  return Time{rep_->form.zone.ToUtc(days * kMicrosPerDay)};
}

bool CompiledCalendar::IsWorkingDay(Date date) const {
  const int64_t index = int64_t{date.days} - rep_->form.first_day;
  return rep_->HasDay(index) && rep_->form.IsWorkingDay(static_cast<int32_t>(index));
}

Time CompiledCalendar::Begin() const { return Time{rep_->form.day_start.front()}; }
Time CompiledCalendar::End() const { return Time{rep_->form.day_start.back()}; }
const CalendarSpec& CompiledCalendar::spec() const { return rep_->spec; }

}  // namespace steward::sla
