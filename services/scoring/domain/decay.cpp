#include "services/scoring/domain/decay.h"

#include <array>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr int kBits = 62;
constexpr __int128 kOne = static_cast<__int128>(1) << kBits;
constexpr int64_t kStep = 100;  // four places of six

constexpr __int128 SquareRoot(__int128 n) {
  __int128 root = 0;
  for (int bit = kBits; bit >= 0; --bit) {
    const __int128 larger = root | static_cast<__int128>(1) << bit;
    root = larger * larger <= n ? larger : root;
  }
  return root;
}

// kRoots[i] = 2^-(2^-(i+1)) in units of 2^-62: each is the root of the one before.
constexpr std::array<__int128, 32> Roots() {
  std::array<__int128, 32> roots{};
  __int128 last = kOne / 2;
  for (__int128& root : roots) {
    root = last = SquareRoot(last << kBits);
  }
  return roots;
}
constexpr std::array<__int128, 32> kRoots = Roots();

// 2^-(age / span) in units of 2^-62, right to about 2^-32 of itself.
__int128 Halved(Duration age, Duration span) {
  const int64_t whole = age.micros / span.micros;
  if (whole >= kBits) {
    return 0;
  }
  __int128 left = kOne >> whole;
  // The binary digits of what is left of the exponent, one root for each.
  __int128 rest = age.micros % span.micros;
  for (const __int128 root : kRoots) {
    rest *= 2;
    if (rest >= span.micros) {
      rest -= span.micros;
      left = left * root >> kBits;
    }
  }
  return left;
}

// points * num / den, four places half up.
Decimal Part(Decimal points, __int128 num, __int128 den) {
  const __int128 size = points.scaled < 0 ? -points.scaled : points.scaled;
  const __int128 units = (2 * size * num + den * kStep) / (2 * den * kStep);
  const auto scaled = static_cast<int64_t>(units * kStep);
  return {points.scaled < 0 ? -scaled : scaled};
}

}  // namespace

std::string_view NameOf(Decay::Kind kind) {
  switch (kind) {
    case Decay::Kind::kNone:
      return "none";
    case Decay::Kind::kHalfLife:
      return "half_life";
    case Decay::Kind::kLinear:
      return "linear";
    case Decay::Kind::kWindow:
      return "window";
  }
  return "";
}

absl::StatusOr<Decay::Kind> ParseDecay(std::string_view field, std::string_view name) {
  for (const Decay::Kind kind :
       {Decay::Kind::kNone, Decay::Kind::kHalfLife, Decay::Kind::kLinear, Decay::Kind::kWindow}) {
    if (NameOf(kind) == name) {
      return kind;
    }
  }
  return FieldInvalid(field, "is one of none, half_life, linear, window");
}

Decimal Decayed(Decimal points, const Decay& decay, Duration age) {
  switch (decay.kind) {
    case Decay::Kind::kNone:
      break;
    case Decay::Kind::kHalfLife:
      return Part(points, Halved(age, decay.span), kOne);
    case Decay::Kind::kLinear:
      return age >= decay.span ? Decimal{}
                               : Part(points, decay.span.micros - age.micros, decay.span.micros);
    case Decay::Kind::kWindow:
      return age > decay.span ? Decimal{} : Part(points, 1, 1);
  }
  return Part(points, 1, 1);
}

}  // namespace steward::scoring
