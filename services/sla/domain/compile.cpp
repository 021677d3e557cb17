// From a calendar's rules to its days.

#include <algorithm>
#include <chrono>

#include "libs/base/status.h"
#include "services/sla/domain/compiled_form.h"

namespace steward::sla {
namespace {

constexpr int32_t kDaySeconds = 86'400;
constexpr int kMostYears = 400;

Date FirstOfYear(int year) {
  const std::chrono::sys_days first{std::chrono::year{year} / 1 / 1};
  return Date{static_cast<int32_t>(first.time_since_epoch().count())};
}

// R11: override beats holiday beats weekly hours.
const std::vector<DayInterval>& HoursOf(const CalendarSpec& spec, Date date) {
  static const std::vector<DayInterval> closed;
  if (const auto found = spec.overrides.find(date); found != spec.overrides.end()) {
    const Override& day = found->second;
    return day.make_up && day.intervals.empty() ? spec.make_up_hours : day.intervals;
  }
  return spec.holidays.contains(date) ? closed : spec.weekly[WeekdayOf(date)];
}

bool RunsPastMidnight(const DayInterval& interval) { return interval.close <= interval.open; }

// Second of a local date to seconds since the day's start.
class DayMapper {
 public:
  DayMapper(const LocalZone& zone, Date date)
      : zone_(zone), midnight_(int64_t{date.days} * kMicrosPerDay), start_(zone.ToUtc(midnight_)) {}
  int64_t start() const { return start_; }
  int64_t Elapsed(int32_t second) const {
    return (zone_.ToUtc(midnight_ + second * kMicrosPerSecond) - start_) / kMicrosPerSecond;
  }

 private:
  const LocalZone& zone_;
  int64_t midnight_;
  int64_t start_;
};

std::vector<DayPlan::Piece> Merged(std::vector<DayPlan::Piece> pieces) {
  std::sort(pieces.begin(), pieces.end());
  std::vector<DayPlan::Piece> merged;
  for (const DayPlan::Piece& piece : pieces) {
    if (piece.open >= piece.close) {
      continue;  // fell into the hour that summer time skips
    }
    if (!merged.empty() && piece.open <= merged.back().close) {
      merged.back().close = std::max(merged.back().close, piece.close);
    } else {
      merged.push_back(piece);
    }
  }
  return merged;
}

// A night shift belongs to the date on which it opens; its tail lies on the next date but makes no
// working day of it.
DayPlan PlanOf(const CalendarSpec& spec, const LocalZone& zone, Date date) {
  const DayMapper mapper(zone, date);
  DayPlan plan;
  plan.length = mapper.Elapsed(kDaySeconds);
  for (const DayInterval& own : HoursOf(spec, date)) {
    const int32_t close = RunsPastMidnight(own) ? kDaySeconds : own.close;
    plan.pieces.push_back({mapper.Elapsed(own.open), mapper.Elapsed(close)});
    plan.working = plan.working || plan.pieces.back().open < plan.pieces.back().close;
  }
  for (const DayInterval& night : HoursOf(spec, Date{date.days - 1})) {
    if (RunsPastMidnight(night)) {
      plan.pieces.push_back({0, mapper.Elapsed(night.close)});
    }
  }
  plan.pieces = Merged(std::move(plan.pieces));
  return plan;
}

}  // namespace

absl::StatusOr<CompiledForm> CompileDays(const CalendarSpec& spec, int first_year, int last_year) {
  if (first_year < 1 || last_year > 9'998 || last_year < first_year ||
      last_year - first_year >= kMostYears) {
    return FieldInvalid("years", "compile between 1 and 400 years, none after 9998");
  }
  const Date first = FirstOfYear(first_year);
  const Date end = FirstOfYear(last_year + 1);
  ASSIGN_OR_RETURN(LocalZone zone,
                   LocalZone::Load(spec.time_zone, int64_t{first.days - 3} * kMicrosPerDay,
                                   int64_t{end.days + 3} * kMicrosPerDay));
  std::vector<DayPlan> days;
  days.reserve(static_cast<size_t>(end.days - first.days));
  for (Date date = first; date < end; ++date.days) {
    days.push_back(PlanOf(spec, zone, date));
  }
  const int64_t start = zone.ToUtc(int64_t{first.days} * kMicrosPerDay);
  return CompiledForm::Build(first.days, start, std::move(zone), days);
}

}  // namespace steward::sla
