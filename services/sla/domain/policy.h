#pragma once
// Policies as the domain sees them, and the rule set: which version of which policy applies to what. Pure.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/sla/domain/deadline.h"

namespace steward::sla {

// What policies match on, and whom a subject belongs to.
struct Attributes {
  std::vector<std::string> kind_path;  // the kind and its ancestors, nearest first
  std::string severity;
  std::vector<std::string> tiers;  // `scheme:tier`
  std::string channel;
  std::string region;
  std::string owner;
  std::string team;
  Time owner_since, team_since;  // when the facts that said so happened
  friend bool operator==(const Attributes&, const Attributes&) = default;
};

// An empty list matches anything.
struct Match {
  std::vector<std::string> kinds, severities, tiers, channels, regions;
};
bool Matches(const Match& match, const Attributes& attributes);
// Number of conditions, for `most_specific`.
int Specificity(const Match& match);

struct ThresholdSpec {
  Moment moment;
  std::string calendar;  // of an offset; empty = elapsed time
};

struct LevelSpec {
  std::string role;
  std::optional<ThresholdSpec> at;
  std::optional<Duration> interval;  // after the previous level, while nobody acknowledged it
  std::string calendar;              // of the interval
  bool even_if_acknowledged = false;
  // A level with neither is inactive until a new version sets one.
  bool active() const { return at.has_value() || interval.has_value(); }
};

enum class SameMetric { kAll, kStrictest, kMostSpecific };
enum class OnReopen { kContinue, kNewCycle };

struct Policy {
  std::string name;  // policies/{id}
  int version = 0;
  std::string metric, pack, seed;
  int binding = 0;  // as in the API
  Match match;
  std::string start_event, stop_event;
  Target target;
  std::string calendar;  // calendars/{id}
  std::vector<std::string> pause_causes;
  std::vector<ThresholdSpec> warnings;
  std::vector<LevelSpec> levels;
  std::string fallback_role;
  SameMetric same_metric = SameMetric::kAll;
  OnReopen on_reopen = OnReopen::kContinue;
  bool may_breach_on_change = false;
};
// Everything that makes a policy unusable, with the field named as in the API.
absl::Status CheckPolicy(const Policy& policy);
bool PausesOn(const Policy& policy, std::string_view cause);
// Reopening a subject takes the stop back (R27: the first response never restarts).
bool RestartsOnReopen(const Policy& policy);
// The clock stops when somebody takes one of its escalations; closing the subject ends it, since nobody can then.
bool StopsOnAcknowledgement(const Policy& policy);

// One version that was put into force.
struct PolicyInForce {
  Policy policy;
  std::optional<Time> effective_from;    // empty = from the beginning of time
  std::optional<Time> deactivated_from;  // start events from here on have no clock
};

// Immutable once built; shared by consumer, watcher and commands of one process.
class RuleSet {
 public:
  int64_t revision = 0;
  std::map<std::string, std::vector<PolicyInForce>>
      in_force;  // by name, in order of effective_from
  std::map<std::pair<std::string, int>, Policy>
      versions;  // every version, for clocks that keep theirs
  std::map<std::string, int> active_calendars;
  std::map<std::pair<std::string, int>, std::shared_ptr<const CompiledCalendar>> calendars;

  // The version that applies to a start at `start` (ruling H3), or null.
  const Policy* InForceAt(const std::string& name, Time start) const;
  const Policy* Find(const std::string& name, int version) const;
  // Null for an empty name (elapsed time) and for an unknown calendar.
  const CompiledCalendar* Calendar(const std::string& name, int version) const;
  // The active version; 0 = none.
  int ActiveCalendar(const std::string& name) const;
  const CompiledCalendar* Active(const std::string& name) const {
    return Calendar(name, ActiveCalendar(name));
  }
};

}  // namespace steward::sla
