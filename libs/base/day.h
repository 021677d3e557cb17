#pragma once
// Days of a calendar without a zone, as absl::CivilDay: whoever calls a domain turns an instant into the company's day first, and a
// day into an instant afterwards.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace steward {

// `YYYY-MM-DD`, years 0001 to 9999. FIELD_INVALID naming `field`.
absl::StatusOr<absl::CivilDay> ParseDay(std::string_view field, std::string_view text);
std::string FormatDay(absl::CivilDay day);
// OUT_OF_RANGE, reason DATE_OUT_OF_RANGE, when the day lies outside the years 0001 to 9999.
absl::StatusOr<absl::CivilDay> AddDays(absl::CivilDay day, int64_t days);

}  // namespace steward
