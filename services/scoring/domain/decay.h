#pragma once
// How the points of an event fade with its age. Integers throughout, so every machine gives the same points.

#include <string_view>

#include "libs/base/time.h"
#include "services/scoring/domain/decimal.h"

namespace steward::scoring {

struct Decay {
  enum class Kind {
    kNone,
    kHalfLife,  // halved after each `span`
    kLinear,    // falls evenly to nothing at `span`
    kWindow,    // whole up to and including `span`, then nothing
  };
  Kind kind = Kind::kNone;
  Duration span;  // above zero, except with kNone
};
std::string_view NameOf(Decay::Kind kind);  // `half_life`
absl::StatusOr<Decay::Kind> ParseDecay(std::string_view field, std::string_view name);

// What is left at `age` (not negative), four places half up. `points` lies within +-1,000,000.
Decimal Decayed(Decimal points, const Decay& decay, Duration age);

}  // namespace steward::scoring
