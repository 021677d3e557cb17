#pragma once
// Deadlines: target, calendar and pauses to an instant, the thresholds around it, and why it lies there. Pure.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "services/sla/domain/calendar.h"

namespace steward::sla {

struct Target {
  enum class Kind {
    kWallClock,
    kWorkingTime,
    kWorkingDays,
    kCalendarDays,
    kImmediate
  } kind = Kind::kWallClock;
  Duration amount;  // wall clock and working time
  int days = 0;     // working and calendar days
  Boundary boundary = Boundary::kEndOfInterval;
  CloseAt close_at = CloseAt::kEndOfDay;
  bool count_event_day = false;
  bool before = false;  // count back from the event
  friend bool operator==(const Target&, const Target&) = default;
};
// Needs a calendar?
bool NeedsCalendar(const Target& target);

// Half-open [from, to); to = kMaxTime while it is open.
struct Span {
  Time from;
  Time to;
  friend auto operator<=>(const Span&, const Span&) = default;
};
// Sorted, merged, without empty ones (R28).
std::vector<Span> Union(std::vector<Span> spans);

// When a clock is due that started at `start` and did not run during `pauses` (any order, overlaps allowed; an open pause ends at
// kMaxTime and makes the due empty unless the budget ends before it). R31: a pause is charged in the clock's own time: working time
// for working clocks, elapsed time for wall-clock ones; for day counts the paused working (elapsed) time between
// start and the nominal due is added to it, as working (elapsed) time, continuously. `calendar` may be null for wall clock.
Reached Due(const Target& target, const CompiledCalendar* calendar, Time start,
            const std::vector<Span>& pauses);

// Time charged to the clock in [from, to) in its own time, pauses left out.
Duration Charged(const Target& target, const CompiledCalendar* calendar, Time from, Time to,
                 const std::vector<Span>& pauses);

// The whole target in the clock's own time, for shares: the amount, or for day counts the working (elapsed) time from start to the
// nominal due.
Duration Budget(const Target& target, const CompiledCalendar* calendar, Time start);

// R47. A share of the target in the clock's own time, rounded up to a microsecond, or a signed offset from due in
// `offset_calendar` (null = elapsed time). 100 % is due itself. `percent` may exceed 100.
struct Share {
  double percent;
};
struct Offset {
  Duration amount;
};
using Moment = std::variant<Share, Offset>;
Reached ThresholdAt(const Moment& moment, const Target& target, const CompiledCalendar* calendar,
                    const CompiledCalendar* offset_calendar, Time start,
                    const std::vector<Span>& pauses);

// R57. Contiguous segments that tile [start, end); charged ones sum to Charged(start, end).
struct Segment {
  Span span;
  std::string reason;  // working elapsed closed holiday make_up paused not_counted
  std::string detail;  // holiday's name, hold's cause
  bool charged = false;
};
struct NamedPause {
  Span span;
  std::string cause;
};
std::vector<Segment> ExplainSegments(const Target& target, const CompiledCalendar* calendar,
                                     Time start, Time end, const std::vector<NamedPause>& pauses);

}  // namespace steward::sla
