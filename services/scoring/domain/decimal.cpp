#include "services/scoring/domain/decimal.h"

#include <algorithm>
#include <array>
#include <limits>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr size_t kPlaces = 6;
constexpr std::array<int64_t, 7> kPowers = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000};
constexpr __int128 kMost = std::numeric_limits<int64_t>::max();
constexpr __int128 kLeast = std::numeric_limits<int64_t>::min();

absl::Status Overflow() {
  return Refuse(absl::StatusCode::kOutOfRange, "the value is beyond what can be kept",
                {"VALUE_OVERFLOW"});
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

__int128 Absolute(__int128 n) { return n < 0 ? -n : n; }

__int128 GreatestDivisor(__int128 a, __int128 b) {
  while (b != 0) {
    const __int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// `scaled` without its sign, with six places.
std::string Digits(int64_t scaled) {
  std::string text = std::to_string(scaled);
  if (scaled < 0) {
    text.erase(0, 1);
  }
  if (text.size() <= kPlaces) {
    text.insert(0, kPlaces + 1 - text.size(), '0');
  }
  text.insert(text.size() - kPlaces, ".");
  return text;
}

}  // namespace

absl::StatusOr<Decimal> ParseDecimal(std::string_view field, std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  rest.remove_prefix(negative ? 1 : 0);
  const size_t point = rest.find('.');
  const std::string_view whole = rest.substr(0, point);
  const std::string_view part =
      point == std::string_view::npos ? std::string_view() : rest.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && part.empty()) || part.size() > kPlaces ||
      !std::all_of(whole.begin(), whole.end(), IsDigit) ||
      !std::all_of(part.begin(), part.end(), IsDigit)) {
    return FieldInvalid(field, "is no number: digits and at most six places, for example -12.5");
  }
  std::string digits = std::string(whole) + std::string(part);
  digits.append(kPlaces - part.size(), '0');
  Decimal value;
  for (const char digit : digits) {
    const int64_t step = negative ? -(digit - '0') : digit - '0';
    if (__builtin_mul_overflow(value.scaled, int64_t{10}, &value.scaled) ||
        __builtin_add_overflow(value.scaled, step, &value.scaled)) {
      return Overflow();
    }
  }
  return value;
}

std::string FormatDecimal(Decimal value) {
  std::string digits = Digits(value.scaled);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') {
    digits.pop_back();
  }
  return (value.scaled < 0 ? "-" : "") + digits;
}

std::string FormatFigure(Decimal value) {
  const std::string digits = Digits(value.scaled);
  return (value.scaled < 0 ? "-" : "") + digits.substr(0, digits.size() - (kPlaces - 2));
}

absl::StatusOr<Decimal> Add(Decimal a, Decimal b) {
  Decimal sum;
  if (__builtin_add_overflow(a.scaled, b.scaled, &sum.scaled)) {
    return Overflow();
  }
  return sum;
}

absl::StatusOr<Decimal> Subtract(Decimal a, Decimal b) {
  Decimal difference;
  if (__builtin_sub_overflow(a.scaled, b.scaled, &difference.scaled)) {
    return Overflow();
  }
  return difference;
}

absl::StatusOr<Ratio> MakeRatio(__int128 num, __int128 den) {
  if (den == 0) {
    return Refuse(absl::StatusCode::kInvalidArgument, "a division by zero has no result",
                  {"DIVISION_BY_ZERO"});
  }
  // -2^127 has no opposite.
  constexpr __int128 kLowest = static_cast<__int128>(1) << 127;
  if (num == kLowest || den == kLowest) {
    return Overflow();
  }
  const __int128 divisor = GreatestDivisor(Absolute(num), Absolute(den));
  const __int128 sign = den < 0 ? -1 : 1;
  return Ratio{sign * (num / divisor), Absolute(den) / divisor};
}

Ratio ToRatio(Decimal value) {
  const __int128 divisor = GreatestDivisor(Absolute(value.scaled), kDecimalScale);
  return Ratio{value.scaled / divisor, kDecimalScale / divisor};
}

absl::StatusOr<Ratio> Plus(const Ratio& a, const Ratio& b) {
  // Over the least common denominator, which overflows later than the product.
  const __int128 divisor = GreatestDivisor(a.den, b.den);
  __int128 left = 0;
  __int128 right = 0;
  __int128 den = 0;
  if (__builtin_mul_overflow(a.num, b.den / divisor, &left) ||
      __builtin_mul_overflow(b.num, a.den / divisor, &right) ||
      __builtin_mul_overflow(a.den, b.den / divisor, &den) ||
      __builtin_add_overflow(left, right, &left)) {
    return Overflow();
  }
  return MakeRatio(left, den);
}

absl::StatusOr<Ratio> Minus(const Ratio& a, const Ratio& b) { return Plus(a, {-b.num, b.den}); }

absl::StatusOr<Ratio> Times(const Ratio& a, const Ratio& b) {
  // Crosswise reduction first: the product is then in lowest terms and as small as it can be.
  const __int128 first = std::max<__int128>(GreatestDivisor(Absolute(a.num), b.den), 1);
  const __int128 second = std::max<__int128>(GreatestDivisor(Absolute(b.num), a.den), 1);
  Ratio product;
  if (__builtin_mul_overflow(a.num / first, b.num / second, &product.num) ||
      __builtin_mul_overflow(a.den / second, b.den / first, &product.den)) {
    return Overflow();
  }
  return MakeRatio(product.num, product.den);
}

absl::StatusOr<Ratio> Over(const Ratio& a, const Ratio& b) {
  ASSIGN_OR_RETURN(const Ratio inverse, MakeRatio(b.den, b.num));
  return Times(a, inverse);
}

absl::StatusOr<bool> Less(const Ratio& a, const Ratio& b) {
  ASSIGN_OR_RETURN(const Ratio difference, Minus(a, b));
  return difference.num < 0;
}

absl::StatusOr<Decimal> Round(const Ratio& value, int places) {
  const int64_t step = kPowers[static_cast<size_t>(places)];
  __int128 shifted = 0;
  if (__builtin_mul_overflow(Absolute(value.num), static_cast<__int128>(step), &shifted)) {
    return Overflow();
  }
  __int128 units = shifted / value.den;
  const __int128 rest = shifted % value.den;
  units += rest >= value.den - rest ? 1 : 0;
  __int128 scaled = 0;
  if (__builtin_mul_overflow(units, static_cast<__int128>(kDecimalScale / step), &scaled)) {
    return Overflow();
  }
  scaled = value.num < 0 ? -scaled : scaled;
  if (scaled > kMost || scaled < kLeast) {
    return Overflow();
  }
  return Decimal{static_cast<int64_t>(scaled)};
}

}  // namespace steward::scoring
