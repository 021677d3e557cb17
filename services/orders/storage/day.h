#pragma once
// Days as parameters and columns: dates travel as days since 1970-01-01.

#include <cstdint>
#include <limits>
#include <optional>

#include "absl/time/civil_time.h"
#include "libs/pg/connection.h"

namespace steward::orders {

inline constexpr absl::CivilDay kDayZero{1970, 1, 1};
// No day, in arrays: NULLIF in the SQL makes NULL of it.
inline constexpr int32_t kNoDay = std::numeric_limits<int32_t>::min();

inline int32_t DayNumber(absl::CivilDay day) { return static_cast<int32_t>(day - kDayZero); }
inline int32_t DayNumber(const std::optional<absl::CivilDay>& day) {
  return day ? DayNumber(*day) : kNoDay;
}
inline absl::CivilDay DayFrom(int64_t number) { return kDayZero + number; }
inline std::optional<absl::CivilDay> OptionalDay(const pg::Result& result, int row, int column) {
  const std::optional<int64_t> number = result.OptionalInt(row, column);
  return number ? std::optional(DayFrom(*number)) : std::nullopt;
}

}  // namespace steward::orders
