#pragma once
// How promising a lead is, as the scoring service last said.

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/time.h"

namespace steward::leads {

struct LeadScore {
  std::string score;        // a decimal: `86.25`
  std::string band;         // "" = below all bands
  std::string win_percent;  // "" = not estimated
  std::string model;        // scoringModels/{id}
  int32_t model_version = 0;
  Time as_of;
};

// `-12.5`: 1 to 13 digits, then at most six places, as the scoring service reckons.
bool IsScore(std::string_view text);

}  // namespace steward::leads
