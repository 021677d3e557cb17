#include "tests/unit/services/sla/day_walk.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/base/status.h"

namespace steward::sla::testing {
namespace {

int64_t Utc(const absl::TimeZone& zone, Date date, int32_t second) {
  const absl::CivilSecond local =
      absl::CivilSecond(absl::CivilDay(1970, 1, 1) + date.days) + second;
  const absl::TimeZone::TimeInfo info = zone.At(local);
  const bool skipped = info.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return absl::ToUnixMicros(skipped ? info.trans : info.pre);
}

std::vector<DayInterval> Hours(const CalendarSpec& spec, Date date) {
  for (const auto& [day, exception] : spec.overrides) {
    if (day == date) {
      return exception.intervals.empty() && exception.make_up ? spec.make_up_hours
                                                              : exception.intervals;
    }
  }
  for (const auto& [day, names] : spec.holidays) {
    if (day == date) {
      return {};
    }
  }
  // 1 January 1970 was a Thursday.
  return spec.weekly[((date.days + 3) % 7 + 7) % 7];
}

}  // namespace

DayWalk::DayWalk(const CalendarSpec& spec, Date first, Date last) {
  absl::TimeZone zone;
  absl::LoadTimeZone(ToAbsl(spec.time_zone), &zone);
  for (Date date = first; date <= last; ++date.days) {
    Day day{date, Utc(zone, date, 0), false, 0, {}};
    std::vector<Open> open;
    for (const DayInterval& hours : Hours(spec, date)) {
      const int32_t close = hours.close <= hours.open ? 86'400 : hours.close;
      open.push_back({Utc(zone, date, hours.open), Utc(zone, date, close)});
      day.working = day.working || open.back().from < open.back().to;
    }
    for (const DayInterval& hours : Hours(spec, Date{date.days - 1})) {
      if (hours.close <= hours.open) {
        open.push_back({day.start, Utc(zone, date, hours.close)});
      }
    }
    std::sort(open.begin(), open.end(), [](Open a, Open b) { return a.from < b.from; });
    for (const Open& piece : open) {
      if (piece.from >= piece.to) {
        continue;
      }
      if (day.open.empty() || piece.from > day.open.back().to) {
        day.open.push_back(piece);
      } else {
        day.open.back().to = std::max(day.open.back().to, piece.to);
      }
      day.own_end = day.open.back().to;
    }
    days_.push_back(std::move(day));
  }
}

size_t DayWalk::DayAt(int64_t t) const {
  size_t day = 0;
  while (day + 1 < days_.size() && days_[day + 1].start <= t) {
    ++day;
  }
  return day;
}

std::optional<Time> DayWalk::Forward(Time start, Duration amount, Boundary boundary) const {
  int64_t left = amount.micros;
  for (size_t day = DayAt(start.micros); day < days_.size(); ++day) {
    for (const Open& open : days_[day].open) {
      const int64_t from = std::max(open.from, start.micros);
      const int64_t length = open.to - from;
      if (length <= 0) {
        continue;
      }
      const bool ends_here = boundary == Boundary::kEndOfInterval ? left <= length : left < length;
      if (ends_here) {
        return Time{from + left};
      }
      left -= length;
    }
  }
  return std::nullopt;
}

std::optional<Time> DayWalk::Backward(Time start, Duration amount) const {
  int64_t left = amount.micros;
  for (size_t day = DayAt(start.micros) + 1; day-- > 0;) {
    const auto& opens = days_[day].open;
    for (auto open = opens.rbegin(); open != opens.rend(); ++open) {
      const int64_t to = std::min(open->to, start.micros);
      const int64_t length = to - open->from;
      if (length <= 0) {
        continue;
      }
      if (left <= length) {
        return Time{to - left};
      }
      left -= length;
    }
  }
  return std::nullopt;
}

Duration DayWalk::Between(Time from, Time to) const {
  int64_t sum = 0;
  for (size_t day = DayAt(from.micros); day < days_.size() && days_[day].start < to.micros; ++day) {
    for (const Open& open : days_[day].open) {
      sum += std::max<int64_t>(0, std::min(open.to, to.micros) - std::max(open.from, from.micros));
    }
  }
  return Duration{sum};
}

std::optional<Time> DayWalk::EndOfNthWorkingDay(Time event, int n) const {
  const size_t today = DayAt(event.micros);
  for (size_t day = today + 1; n > 0 && day < days_.size(); ++day) {
    if (days_[day].working && --n == 0) {
      return Time{days_[day].own_end};
    }
  }
  for (size_t day = today; n < 0 && day-- > 0;) {
    if (days_[day].working && ++n == 0) {
      return Time{days_[day].own_end};
    }
  }
  return std::nullopt;
}

std::optional<Time> DayWalk::ForwardOutside(Time start, Duration amount,
                                            const std::vector<Span>& pauses) const {
  int64_t left = amount.micros;
  for (size_t day = DayAt(start.micros); day < days_.size(); ++day) {
    for (const Open& open : days_[day].open) {
      // Every edge of a pause cuts the interval; a piece counts when no pause covers it.
      std::vector<int64_t> cuts{std::max(open.from, start.micros), open.to};
      for (const Span& pause : pauses) {
        for (const int64_t edge : {pause.from.micros, pause.to.micros}) {
          if (edge > cuts.front() && edge < open.to) {
            cuts.push_back(edge);
          }
        }
      }
      std::sort(cuts.begin() + 1, cuts.end());
      for (size_t i = 0; i + 1 < cuts.size(); ++i) {
        const bool paused = std::any_of(pauses.begin(), pauses.end(), [&](const Span& pause) {
          return pause.from.micros <= cuts[i] && cuts[i + 1] <= pause.to.micros;
        });
        const int64_t length = cuts[i + 1] - cuts[i];
        if (paused || length <= 0) {
          continue;
        }
        if (left <= length) {
          return Time{cuts[i] + left};
        }
        left -= length;
      }
    }
  }
  return std::nullopt;
}

}  // namespace steward::sla::testing
