#pragma once
// What has fired on a clock and what comes next: warnings, the breach, the levels of the ladder. Pure.
//
// A firing's key is (clock, cycle, threshold, arming). Only a retraction makes the next arming possible, so at most one firing of a
// threshold stands (ruling C1). Levels fire in order, each once; one at or after due also needs a standing breach (C3).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/sla/domain/plan.h"

namespace steward::sla {

struct Rung {
  PlannedRung::Kind kind = PlannedRung::Kind::kWarning;
  int number = 1;
  std::optional<Time> at;  // from the plan
  bool not_applicable = false;
  int calendar_version = 0;  // from the plan: the version that it keeps
  // From the policy, for levels.
  std::optional<Duration> interval;
  bool even_if_acknowledged = false;
  // What happened.
  int armings = 0;  // firings so far, retracted ones included
  bool standing = false;
  Time occurred_at;  // of the last firing
  Time detected_at;
  bool acknowledged = false;  // levels
  friend bool operator==(const Rung&, const Rung&) = default;
};
// `warning-1`, `breach`, `level-2`: the threshold's name in keys, events and answers.
std::string RungName(PlannedRung::Kind kind, int number);
inline std::string RungName(const Rung& rung) { return RungName(rung.kind, rung.number); }

// Everything the watcher needs of one clock; stored with it, so that a firing reads one row.
struct Ladder {
  std::vector<Rung> rungs;  // warnings, breach, levels
  std::optional<Time>
      limit;  // thresholds at or after it do not fire: the stop, or where it ceased to match
  bool closed = false;                  // the subject was cancelled: nothing fires any more
  std::optional<Time> acknowledged_at;  // the first acknowledgement of any level
  friend bool operator==(const Ladder&, const Ladder&) = default;
};
std::string EncodeLadder(const Ladder& ladder);
absl::StatusOr<Ladder> DecodeLadder(std::string_view bytes);

// The ladder after facts changed: instants from the plan, history from `old` (empty for a new clock or cycle).
// `retracted`: standing firings that the plan takes back, in order: a breach whose instant moved or that a stop in time
// disproves, and with it the levels at or after it. Warnings are never taken back (R42).
struct Retraction {
  PlannedRung::Kind kind;
  int number;
  int arming;
};
Ladder Replan(const ClockPlan& plan, const Policy& policy, const Ladder& old,
              std::vector<Retraction>* retracted);

// What fires next and when; empty = nothing is pending.
struct NextFiring {
  PlannedRung::Kind kind = PlannedRung::Kind::kWarning;
  int number = 1;
  Time at;
  int arming = 1;           // of the firing
  bool reinstates = false;  // a breach at the same instant as the one retracted before
};
// `interval_calendar(level)`: the calendar of a level's interval, null = elapsed time.
std::optional<NextFiring> Next(const Ladder& ladder, const Policy& policy, const RuleSet& rules);
// H22: a breach fires when its instant is before the database's clock, anything else when it is not after it.
bool IsDue(const NextFiring& next, Time now);
// Marks it fired.
void Fire(Ladder& ladder, const NextFiring& next, Time detected_at);
// Marks a level acknowledged.
void Acknowledge(Ladder& ladder, int level, Time at);
bool HasStanding(const Ladder& ladder, PlannedRung::Kind kind);

}  // namespace steward::sla
