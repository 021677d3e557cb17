#pragma once
// A day of the company's calendar, without zone: whoever calls the domain turns an instant into
// the company's date first, and a date into an instant afterwards.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace steward::orders {

struct CivilDate {
  int32_t days = 0;  // since 1970-01-01, may be negative
  friend constexpr auto operator<=>(const CivilDate&, const CivilDate&) = default;
};

// `YYYY-MM-DD`, years 0001 to 9999. FIELD_INVALID naming `field`.
absl::StatusOr<CivilDate> ParseCivilDate(std::string_view field, std::string_view text);
std::string FormatCivilDate(CivilDate date);
// OUT_OF_RANGE, reason DATE_OUT_OF_RANGE, when the day lies outside the years 0001 to 9999.
absl::StatusOr<CivilDate> AddDays(CivilDate date, int64_t days);
// Days from `a` to `b`; negative when `b` is earlier.
constexpr int64_t DaysBetween(CivilDate a, CivilDate b) { return int64_t{b.days} - a.days; }

}  // namespace steward::orders
