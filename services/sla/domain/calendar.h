#pragma once
// Business calendars compiled to prefix sums. Rules R2-R13 and R18-R20: half-open intervals, several a day, up to 24:00;
// date override beats holiday beats weekly hours; make-up days count everywhere; the zone belongs to the calendar; a local time
// that does not exist is the transition instant, an ambiguous one its first occurrence.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace steward::sla {

// A local date as days since 1970-01-01.
struct Date {
  int32_t days = 0;
  friend auto operator<=>(const Date&, const Date&) = default;
};
absl::StatusOr<Date> ParseDate(std::string_view text);  // YYYY-MM-DD
std::string FormatDate(Date date);
int YearOf(Date date);
int WeekdayOf(Date date);  // 0 = Monday

// Seconds of the local day; close in (0, 86400]; close <= open runs past midnight.
struct DayInterval {
  int32_t open = 0;
  int32_t close = 0;
  friend auto operator<=>(const DayInterval&, const DayInterval&) = default;
};
// "09:00".."24:00", optional seconds; `field` is named in the error.
absl::StatusOr<DayInterval> ParseInterval(std::string_view field, std::string_view open,
                                          std::string_view close);

using Names = std::map<std::string, std::string>;  // by language, `en` and `zh-Hans`

struct Override {
  std::vector<DayInterval> intervals;  // empty = closed
  bool make_up = false;
  Names names;
};

struct CalendarSpec {
  std::string time_zone;
  std::array<std::vector<DayInterval>, 7> weekly;  // Monday first
  std::map<Date, Names> holidays;
  std::map<Date, Override> overrides;
  std::vector<DayInterval> make_up_hours;
  int published_through_year = 0;  // 0 = every year is known
};
// Everything that makes a calendar unusable, with the field named: unknown zone, a date both holiday and make-up day, a make-up
// day without hours, no working time at all (an empty calendar). Duplicate dates are found by whoever builds the maps.
absl::Status CheckCalendar(const CalendarSpec& spec);

enum class Boundary { kEndOfInterval, kStartOfNext };
enum class CloseAt { kEndOfDay, kSameTime };

// A point that arithmetic reached; `at` is empty when no working time is left before the horizon (R19, R20).
struct Reached {
  std::optional<Time> at;
  bool provisional = false;  // a date after published_through_year was read
};

// Immutable and shared. All operations are O(log n) by galloping from the start, never a loop over days.
class CompiledCalendar {
 public:
  // Compiles years [first_year, last_year]. The spec must have passed CheckCalendar.
  static absl::StatusOr<std::shared_ptr<const CompiledCalendar>> Compile(const CalendarSpec& spec,
                                                                         int first_year,
                                                                         int last_year);
  // The compiled transitions, so that replicas with other zone data agree (ruling H27); Parse refuses damaged bytes.
  std::string Serialize() const;
  static absl::StatusOr<std::shared_ptr<const CompiledCalendar>> Parse(std::string_view bytes,
                                                                       const CalendarSpec& spec);

  // Working time after (amount > 0) or before (amount < 0) an instant; 0 rolls to the first working instant at or after
  // (`backwards`: at or before), under either boundary (R5).
  Reached Add(Time start, Duration amount, Boundary boundary, bool backwards = false) const;
  // Working time in [from, to); 0 when reversed (R6).
  Duration Between(Time from, Time to) const;
  bool IsOpen(Time at) const;
  // R13. n >= 1 counts on, n <= -1 counts back, n = 0 returns the instant; kSameTime clamps into that day's working time.
  Reached NthWorkingDay(Time event, int n, CloseAt close_at, bool count_event_day) const;
  // R14. Due at 24:00 local of the n-th day after the event's day, or the same local time. Needs no working hours.
  Reached NthCalendarDay(Time event, int n, CloseAt close_at) const;
  Date LocalDate(Time at) const;
  Time StartOfDay(Date date) const;  // 00:00 local, or the transition instant
  // The compiled years are [Begin, End); outside them nothing is known and arithmetic reaches nothing.
  Time Begin() const;
  Time End() const;
  // The next opening or closing after an instant; kMaxTime when there is none before the horizon.
  Time NextChange(Time at) const;
  bool IsWorkingDay(Date date) const;
  // What a day is: its name if it is a holiday, make-up or exceptional day.
  const CalendarSpec& spec() const;

 private:
  struct Rep;
  explicit CompiledCalendar(std::unique_ptr<const Rep> rep);
  std::unique_ptr<const Rep> rep_;

 public:
  ~CompiledCalendar();
};

}  // namespace steward::sla
