#pragma once
// What an event counts as: amounts of measures, and the taking back of earlier ones.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/base/time.h"

namespace steward::scoring {

// Whose a fact is; names of resources, '' = nobody's. `region` is `regions/{code}`.
struct Dimensions {
  std::string member, team, region, customer;
  friend bool operator==(const Dimensions&, const Dimensions&) = default;
};

struct Fact {
  std::string measure;
  absl::CivilDay day;
  std::string qualifier;
  std::string currency;
  Dimensions of;
  int64_t value = 0;  // count, minor units or microseconds
};

// Takes back what the aggregate has of these measures, up to this event: on the days on which it counted, because it never was so, or
// on this event's day, because it was so until now.
struct TakeBack {
  std::vector<std::string> measures;
  bool on_its_days = false;
};
using Step = std::variant<Fact, TakeBack>;

// State of one aggregate, from its own events alone, so that the same events in any order between aggregates give the same facts.
struct Source {
  std::string qualifier, currency;
  Dimensions of;
  std::optional<Time> started_at, paused_since;
  int64_t paused = 0;  // microseconds
  int64_t amount = 0;  // minor units
  bool flag = false;
};

}  // namespace steward::scoring
