#pragma once
// Instants and spans: int64 microseconds, UTC (peers' rule R3: the zone belongs to the calendar).

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace steward {

struct Duration {
  int64_t micros = 0;
  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.micros + b.micros}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.micros - b.micros}; }
  friend constexpr Duration operator-(Duration a) { return {-a.micros}; }
};
constexpr Duration Microseconds(int64_t n) { return {n}; }
constexpr Duration Milliseconds(int64_t n) { return {n * 1'000}; }
constexpr Duration Seconds(int64_t n) { return {n * 1'000'000}; }
constexpr Duration Minutes(int64_t n) { return Seconds(n * 60); }
constexpr Duration Hours(int64_t n) { return Seconds(n * 3'600); }

struct Time {
  int64_t micros = 0;  // since 1970-01-01T00:00:00Z
  friend constexpr auto operator<=>(const Time&, const Time&) = default;
  friend constexpr Time operator+(Time t, Duration d) { return {t.micros + d.micros}; }
  friend constexpr Time operator-(Time t, Duration d) { return {t.micros - d.micros}; }
  friend constexpr Duration operator-(Time a, Time b) { return {a.micros - b.micros}; }
};
// Ends of time for interval arithmetic; they are never stored or shown.
inline constexpr Time kMinTime{std::numeric_limits<int64_t>::min() / 4};
inline constexpr Time kMaxTime{std::numeric_limits<int64_t>::max() / 4};
// What a client may send: 1970-01-01 up to but not including 10000-01-01.
inline constexpr Time kEpoch{0};
inline constexpr Time kClientTimeEnd{253'402'300'800'000'000};

// `2026-01-02T03:04:05.000006Z`, always UTC; no fraction when it is zero.
std::string FormatTime(Time t);
// RFC 3339 with any offset; more than six digits of a fraction are floored.
absl::StatusOr<Time> ParseTime(std::string_view text);
// `48h`, `1h30m`, `-5m`, `2.5s`, `0s`.
std::string FormatDuration(Duration d);
absl::StatusOr<Duration> ParseDuration(std::string_view text);

}  // namespace steward
