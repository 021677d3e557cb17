#pragma once
// The rule score of a lead: points for what it is (features) and for what it did (events), in groups with limits of their own. A pure
// function of model, features, events and instant; every point is traced to a rule and, if it came of one, an event.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/ids.h"
#include "services/scoring/domain/decay.h"

namespace steward::scoring {

// A sum below `least` is lifted to it, one above `most` cut. By default no score drifts below zero, where later points would be lost.
struct Limits {
  std::optional<Decimal> least = Decimal{};
  std::optional<Decimal> most;
};
struct PointGroup {
  std::string id;  // `fit`, `engagement`
  Limits limits;
};
// Points once when the lead's `feature` has one of `values`; no values = any.
struct FeatureRule {
  std::string id, group, feature;
  std::set<std::string> values;
  Decimal points;
};
// Points for each event of the kind or below it (`touch` takes `touch/visit`), fading with its age.
struct EventRule {
  std::string id, group, event_kind;
  Decimal points;
  Decay decay;
};
// A lead without any event for `idle` has at most `most`, unless `except_feature` has one of `except_values`. A lead that never had an
// event is not idle: it has just come in.
struct IdleLimit {
  std::string id;
  Duration idle;
  Decimal most;
  std::string except_feature;
  std::set<std::string> except_values;
};
struct PointModel {
  std::string id;
  int64_t version = 1;
  std::vector<PointGroup> groups;
  std::vector<FeatureRule> features;
  std::vector<EventRule> events;
  std::vector<IdleLimit> idle;  // each applies to the whole score, in order
  Limits overall;
};
// INVALID_ARGUMENT naming all fields at fault (`model.events[1].decay.span`): an id twice or missing, an unknown group, points that
// are zero or beyond +-1,000,000, a decay without span, limits upside down, a model without rules.
absl::Status CheckModel(const PointModel& model);

// Whether the rule takes events of this kind: `touch` takes `touch/visit`.
bool Takes(std::string_view event_kind, std::string_view of_event);

using Features = std::map<std::string, std::string>;
struct LeadEvent {
  Uuid id;
  std::string kind;
  Time at;
};

// One line of the trace. Lines of limits carry what the limit took or gave.
struct Contribution {
  enum class Source { kFeature, kEvent, kGroupLimit, kIdleLimit, kOverallLimit };
  Source source;
  std::string group;  // "" = the whole
  std::string rule;   // id of the rule, group or idle limit; "" = the overall limit
  std::optional<Uuid> event;
  Decimal points;  // four places
  friend bool operator==(const Contribution&, const Contribution&) = default;
};
struct PointScore {
  Decimal score;
  std::map<std::string, Decimal> groups;  // after their limits
  std::vector<Contribution>
      contributions;  // sum to exactly `score`; in order of groups, rules, time
};

// Each once, oldest first, none after `at`.
void SettleEvents(std::vector<LeadEvent>& events, Time at);

// Events after `at` do not count, an event given twice counts once, and their order does not matter. `model` passed CheckModel.
// OUT_OF_RANGE VALUE_OVERFLOW.
absl::StatusOr<PointScore> ScorePoints(const PointModel& model, const Features& features,
                                       std::vector<LeadEvent> events, Time at);

}  // namespace steward::scoring
