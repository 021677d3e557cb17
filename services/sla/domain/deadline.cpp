#include "services/sla/domain/deadline.h"

#include <algorithm>
#include <cmath>

#include "services/sla/domain/own_time.h"

namespace steward::sla {
namespace {

bool CountsDays(const Target& target) {
  return target.kind == Target::Kind::kWorkingDays || target.kind == Target::Kind::kCalendarDays;
}

int SignedDays(const Target& target) {
  // INT_MIN has no opposite; beyond any horizon either way.
  return target.before ? -std::max(target.days, -INT32_MAX) : target.days;
}

// Due of a day count before pauses are charged.
Reached NominalDay(const Target& target, const CompiledCalendar& calendar, Time start) {
  const int days = SignedDays(target);
  return target.kind == Target::Kind::kWorkingDays
             ? calendar.NthWorkingDay(start, days, target.close_at, target.count_event_day)
             : calendar.NthCalendarDay(start, days, target.close_at);
}

// R31: the paused time before the nominal due is added to it, in the clock's own time.
Reached DueOfDays(const Target& target, const CompiledCalendar& calendar, Time start,
                  const std::vector<Span>& pauses) {
  const Reached nominal = NominalDay(target, calendar, start);
  if (!nominal.at || *nominal.at <= start) {
    return nominal;
  }
  const OwnTime own(target, &calendar);
  const Duration paused = own.Between(start, *nominal.at) - own.Outside(start, *nominal.at, pauses);
  if (paused == Duration{}) {
    return nominal;
  }
  Reached due = own.Run(*nominal.at, paused, Boundary::kEndOfInterval, pauses);
  due.provisional = due.provisional || nominal.provisional;
  return due;
}

Reached CountBack(const Target& target, const CompiledCalendar* calendar, Time start,
                  Duration amount) {
  const bool working =
      target.kind == Target::Kind::kWorkingTime || target.kind == Target::Kind::kWorkingDays;
  // A zero amount rolls back to the previous working instant (R5).
  return working && amount == Duration{} ? calendar->Add(start, amount, target.boundary, true)
                                         : OwnTime(target, calendar).Add(start, -Bounded(amount));
}

// percent of an amount, rounded up to a microsecond. The percentage counts to its ninth decimal, so
// that 0.1 % is a thousandth and not what the nearest binary fraction makes of it.
Duration ShareOf(Duration amount, double percent) {
  constexpr double kMostPercent = 1e9;
  const double sane = std::isnan(percent) ? 0 : std::clamp(percent, 0.0, kMostPercent);
  const auto nano_percent = static_cast<__int128>(std::llround(sane * 1e9));
  const __int128 whole = __int128{100} * 1'000'000'000;
  const __int128 share = (amount.micros * nano_percent + whole - 1) / whole;
  return Duration{static_cast<int64_t>(std::min<__int128>(share, kMaxTime.micros))};
}

Reached ShareAt(double percent, const Target& target, const CompiledCalendar* calendar, Time start,
                const std::vector<Span>& pauses) {
  const Reached due = Due(target, calendar, start, pauses);
  if (percent == 100 || target.kind == Target::Kind::kImmediate || !due.at) {
    return due;
  }
  const Duration share = ShareOf(Budget(target, calendar, start), percent);
  if (target.before) {
    return CountBack(target, calendar, start, share);
  }
  Reached at = OwnTime(target, calendar).Run(start, share, target.boundary, pauses);
  if (percent < 100 && (!at.at || *at.at > *due.at)) {
    return due;
  }
  return at;
}

}  // namespace

bool NeedsCalendar(const Target& target) {
  return target.kind == Target::Kind::kWorkingTime || CountsDays(target);
}

std::vector<Span> Union(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end());
  std::vector<Span> merged;
  for (const Span& span : spans) {
    if (span.from >= span.to) {
      continue;
    }
    if (!merged.empty() && span.from <= merged.back().to) {
      merged.back().to = std::max(merged.back().to, span.to);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

Reached Due(const Target& target, const CompiledCalendar* calendar, Time start,
            const std::vector<Span>& pauses) {
  start = Bounded(start);
  if (NeedsCalendar(target) && calendar == nullptr) {
    return {};
  }
  if (target.kind == Target::Kind::kImmediate) {
    return {start, false};
  }
  if (CountsDays(target)) {
    return DueOfDays(target, *calendar, start, Union(pauses));
  }
  if (target.before) {
    return CountBack(target, calendar, start, target.amount);
  }
  return OwnTime(target, calendar).Run(start, target.amount, target.boundary, Union(pauses));
}

Duration Charged(const Target& target, const CompiledCalendar* calendar, Time from, Time to,
                 const std::vector<Span>& pauses) {
  if (NeedsCalendar(target) && calendar == nullptr) {
    return {};
  }
  return OwnTime(target, calendar).Outside(Bounded(from), Bounded(to), Union(pauses));
}

Duration Budget(const Target& target, const CompiledCalendar* calendar, Time start) {
  if (target.kind == Target::Kind::kImmediate) {
    return {};
  }
  if (!CountsDays(target)) {
    return target.amount;
  }
  if (calendar == nullptr) {
    return {};
  }
  start = Bounded(start);
  const Time nominal = NominalDay(target, *calendar, start).at.value_or(start);
  return OwnTime(target, calendar).Between(std::min(start, nominal), std::max(start, nominal));
}

Reached ThresholdAt(const Moment& moment, const Target& target, const CompiledCalendar* calendar,
                    const CompiledCalendar* offset_calendar, Time start,
                    const std::vector<Span>& pauses) {
  if (const auto* share = std::get_if<Share>(&moment)) {
    return ShareAt(share->percent, target, calendar, Bounded(start), Union(pauses));
  }
  const Duration offset = std::get<Offset>(moment).amount;
  const Reached due = Due(target, calendar, start, pauses);
  if (!due.at || offset == Duration{}) {
    return due;
  }
  Reached at = OwnTime(offset_calendar).Add(*due.at, offset);
  at.provisional = at.provisional || due.provisional;
  return at;
}

}  // namespace steward::sla
