// Why a deadline lies where it lies: the timeline of a clock in contiguous pieces.

#include <algorithm>
#include <set>

#include "services/sla/domain/deadline.h"
#include "services/sla/domain/own_time.h"

namespace steward::sla {
namespace {

// What an instant is, and until when that cannot change.
struct Stretch {
  std::string reason;
  std::string detail;
  bool charged = false;
  Time until;
};

std::string Shown(const Names& names) {
  std::string text;
  for (const auto& [language, name] : names) {
    text += (text.empty() ? "" : " / ") + name;
  }
  return text;
}

Stretch OfCalendar(const CompiledCalendar& calendar, Time at) {
  if (at < calendar.Begin() || at >= calendar.End()) {
    return {"not_counted", "", false, at < calendar.Begin() ? calendar.Begin() : kMaxTime};
  }
  const Date date = calendar.LocalDate(at);
  const Time until = std::min(calendar.NextChange(at), calendar.StartOfDay(Date{date.days + 1}));
  const CalendarSpec& spec = calendar.spec();
  const bool open = calendar.IsOpen(at);
  if (const auto found = spec.overrides.find(date); found != spec.overrides.end()) {
    const std::string worked = found->second.make_up ? "make_up" : "working";
    return {open ? worked : "closed", Shown(found->second.names), open, until};
  }
  const auto holiday = spec.holidays.find(date);
  if (holiday != spec.holidays.end() && !open) {
    return {"holiday", Shown(holiday->second), false, until};
  }
  return {open ? "working" : "closed", "", open, until};
}

// Causes open at an instant; `until` shrinks to the next edge of any pause.
std::string CausesAt(Time at, const std::vector<NamedPause>& pauses, bool& paused, Time& until) {
  std::set<std::string> causes;
  paused = false;
  for (const NamedPause& pause : pauses) {
    if (pause.span.from >= pause.span.to || pause.span.to <= at) {
      continue;
    }
    if (pause.span.from > at) {
      until = std::min(until, pause.span.from);
      continue;
    }
    paused = true;
    until = std::min(until, pause.span.to);
    if (!pause.cause.empty()) {
      causes.insert(pause.cause);
    }
  }
  std::string text;
  for (const std::string& cause : causes) {
    text += (text.empty() ? "" : ", ") + cause;
  }
  return text;
}

void Append(std::vector<Segment>& segments, Time from, Time to, const Stretch& stretch) {
  if (!segments.empty()) {
    Segment& last = segments.back();
    if (last.reason == stretch.reason && last.detail == stretch.detail &&
        last.charged == stretch.charged) {
      last.span.to = to;
      return;
    }
  }
  segments.push_back({{from, to}, stretch.reason, stretch.detail, stretch.charged});
}

}  // namespace

std::vector<Segment> ExplainSegments(const Target& target, const CompiledCalendar* calendar,
                                     Time start, Time end, const std::vector<NamedPause>& pauses) {
  const bool working =
      target.kind == Target::Kind::kWorkingTime || target.kind == Target::Kind::kWorkingDays;
  const bool unknown = NeedsCalendar(target) && calendar == nullptr;
  end = Bounded(end);
  std::vector<Segment> segments;
  for (Time at = Bounded(start); at < end;) {
    Stretch stretch{"elapsed", "", true, end};
    if (unknown) {
      stretch = {"not_counted", "", false, end};
    } else if (working) {
      stretch = OfCalendar(*calendar, at);
    }
    bool paused = false;
    const std::string causes = CausesAt(at, pauses, paused, stretch.until);
    if (paused) {
      stretch.reason = "paused";
      stretch.detail = causes;
      stretch.charged = false;
    }
    const Time to = std::min(stretch.until, end);
    Append(segments, at, to, stretch);
    at = to;
  }
  return segments;
}

}  // namespace steward::sla
