#pragma once
// Exact decimal numbers for KPI values (K11): int64 in units of 10^-6, so a value has up to six places and lies within
// +-9,223,372,036,854.775807. What is computed from values is a `Ratio`, exact in 128 bits; it becomes a figure by one rounding.
// There is neither NaN nor infinity. Every step that would overflow is refused: OUT_OF_RANGE, reason VALUE_OVERFLOW.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace steward::scoring {

struct Decimal {
  int64_t scaled = 0;  // in 10^-6
  friend constexpr auto operator<=>(const Decimal&, const Decimal&) = default;
};
inline constexpr int64_t kDecimalScale = 1'000'000;
// A whole number; for constants (|n| < 9 * 10^12).
constexpr Decimal Whole(int64_t n) { return {n * kDecimalScale}; }

// `-12.5`: digits and at most six places, nothing else; `NaN`, `1e3`, `+1`, `.5` and blanks are refused, nothing is rounded.
// INVALID_ARGUMENT naming `field`.
absl::StatusOr<Decimal> ParseDecimal(std::string_view field, std::string_view text);
// The shortest form: `86.25`, `100`, `-0.000001`.
std::string FormatDecimal(Decimal value);
// With two places, as cards show it; the value is a figure already rounded, finer places are cut.
std::string FormatFigure(Decimal value);

absl::StatusOr<Decimal> Add(Decimal a, Decimal b);
absl::StatusOr<Decimal> Subtract(Decimal a, Decimal b);

// An exact fraction in lowest terms; `den` is positive.
struct Ratio {
  __int128 num = 0;
  __int128 den = 1;
  friend bool operator==(const Ratio&, const Ratio&) = default;
};
// INVALID_ARGUMENT, reason DIVISION_BY_ZERO, for `den` 0.
absl::StatusOr<Ratio> MakeRatio(__int128 num, __int128 den);
Ratio ToRatio(Decimal value);
absl::StatusOr<Ratio> Plus(const Ratio& a, const Ratio& b);
absl::StatusOr<Ratio> Minus(const Ratio& a, const Ratio& b);
absl::StatusOr<Ratio> Times(const Ratio& a, const Ratio& b);
absl::StatusOr<Ratio> Over(const Ratio& a, const Ratio& b);
absl::StatusOr<bool> Less(const Ratio& a, const Ratio& b);

// The one rounding: half up, which for a negative number means away from zero, as numeric in SQL. `places` lies in 0..6.
absl::StatusOr<Decimal> Round(const Ratio& value, int places);
inline absl::StatusOr<Decimal> Figure(const Ratio& value) { return Round(value, 2); }

}  // namespace steward::scoring
