#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/base/time.h"

namespace steward {
namespace {

struct Unit {
  std::string_view name;
  int64_t micros;
};
// Longer names first: `ms` before `m`.
constexpr std::array<Unit, 5> kUnits = {
    {{"ms", 1'000}, {"us", 1}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}}};

absl::Status BadDuration(std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", ToAbsl(text), "\" is not a duration; write for example 48h, 1h30m or 2.5s"));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Adds one `<number><unit>` from the front of `text` to the negative number `*total`; false on any fault.
// Sums are kept negative because the smallest int64 has no positive twin.
bool TakePart(std::string_view& text, int64_t* total) {
  size_t at = 0;
  __int128 whole = 0;
  while (at < text.size() && IsDigit(text[at]) && whole < (__int128{1} << 64)) {
    whole = whole * 10 + (text[at++] - '0');
  }
  bool digits = at > 0;
  __int128 fraction = 0;
  __int128 scale = 1;
  if (at < text.size() && text[at] == '.') {
    ++at;
    digits = digits && at < text.size() && IsDigit(text[at]);
    while (at < text.size() && IsDigit(text[at])) {
      if (scale < 1'000'000'000'000) {  // further digits are below a microsecond of an hour
        fraction = fraction * 10 + (text[at] - '0');
        scale *= 10;
      }
      ++at;
    }
  }
  if (!digits) {
    return false;
  }
  text.remove_prefix(at);
  for (const Unit& unit : kUnits) {
    if (text.substr(0, unit.name.size()) == unit.name) {
      text.remove_prefix(unit.name.size());
      __int128 sum = *total - whole * unit.micros - fraction * unit.micros / scale;
      if (sum < std::numeric_limits<int64_t>::min()) {
        return false;
      }
      *total = static_cast<int64_t>(sum);
      return true;
    }
  }
  return false;
}

}  // namespace

std::string FormatDuration(Duration d) {
  if (d.micros == 0) {
    return "0s";
  }
  uint64_t rest =
      d.micros < 0 ? 0 - static_cast<uint64_t>(d.micros) : static_cast<uint64_t>(d.micros);
  std::string out = d.micros < 0 ? "-" : "";
  if (uint64_t hours = rest / 3'600'000'000; hours > 0) {
    absl::StrAppend(&out, hours, "h");
  }
  rest %= 3'600'000'000;
  if (uint64_t minutes = rest / 60'000'000; minutes > 0) {
    absl::StrAppend(&out, minutes, "m");
  }
  rest %= 60'000'000;
  if (rest > 0) {
    absl::StrAppend(&out, rest / 1'000'000);
    if (uint64_t fraction = rest % 1'000'000; fraction > 0) {
      std::string digits = absl::StrCat(absl::Dec(fraction, absl::kZeroPad6));
      digits.erase(digits.find_last_not_of('0') + 1);
      absl::StrAppend(&out, ".", digits);
    }
    out += "s";
  }
  return out;
}

absl::StatusOr<Duration> ParseDuration(std::string_view text) {
  std::string_view rest = text;
  bool negative = !rest.empty() && rest.front() == '-';
  if (negative || (!rest.empty() && rest.front() == '+')) {
    rest.remove_prefix(1);
  }
  int64_t total = 0;
  do {
    if (!TakePart(rest, &total)) {
      return BadDuration(text);
    }
  } while (!rest.empty());
  if (!negative && total == std::numeric_limits<int64_t>::min()) {
    return BadDuration(text);
  }
  return Duration{negative ? total : -total};
}

}  // namespace steward
