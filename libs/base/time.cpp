#include "libs/base/time.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "libs/base/status.h"

namespace steward {
namespace {

constexpr int64_t kSecond = 1'000'000;

absl::Status BadTime(std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", ToAbsl(text), "\" is not an RFC 3339 time; write for example ",
                   "2026-01-02T03:04:05Z or 2026-01-02T11:04:05+08:00"));
}

// Reads exactly `count` digits from the front.
bool TakeNumber(std::string_view& text, size_t count, int* out) {
  if (text.size() < count) {
    return false;
  }
  *out = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return false;
    }
    *out = *out * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool TakeOneOf(std::string_view& text, std::string_view set) {
  if (text.empty() || set.find(text.front()) == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// `.123456789`: microseconds, further digits dropped.
bool TakeFraction(std::string_view& text, int64_t* micros) {
  int64_t scale = kSecond / 10;
  size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits) {
    *micros += (text.front() - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
  }
  return digits > 0;
}

bool TakeOffset(std::string_view& text, int64_t* seconds) {
  if (TakeOneOf(text, "Zz")) {
    return true;
  }
  int sign = !text.empty() && text.front() == '-' ? -1 : 1;
  int hours = 0;
  int minutes = 0;
  if (!TakeOneOf(text, "+-") || !TakeNumber(text, 2, &hours) || !TakeOneOf(text, ":") ||
      !TakeNumber(text, 2, &minutes) || hours > 23 || minutes > 59) {
    return false;
  }
  *seconds = sign * (hours * 3'600 + minutes * 60);
  return true;
}

}  // namespace

std::string FormatTime(Time t) {
  int64_t seconds = t.micros / kSecond;
  int64_t fraction = t.micros % kSecond;
  if (fraction < 0) {
    fraction += kSecond;
    --seconds;
  }
  absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1) + seconds;
  std::string out;
  if (civil.year() >= 0) {
    absl::StrAppend(&out, absl::Dec(civil.year(), absl::kZeroPad4));
  } else {
    absl::StrAppend(&out, "-", absl::Dec(-civil.year(), absl::kZeroPad4));
  }
  absl::StrAppend(&out, "-", absl::Dec(civil.month(), absl::kZeroPad2), "-",
                  absl::Dec(civil.day(), absl::kZeroPad2));
  absl::StrAppend(&out, "T", absl::Dec(civil.hour(), absl::kZeroPad2), ":",
                  absl::Dec(civil.minute(), absl::kZeroPad2));
  absl::StrAppend(&out, ":", absl::Dec(civil.second(), absl::kZeroPad2));
  if (fraction != 0) {
    absl::StrAppend(&out, ".", absl::Dec(fraction, absl::kZeroPad6));
  }
  out += 'Z';
  return out;
}

absl::StatusOr<Time> ParseTime(std::string_view text) {
  std::string_view rest = text;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int64_t fraction = 0;
  int64_t offset = 0;
  bool ok = TakeNumber(rest, 4, &year) && TakeOneOf(rest, "-") && TakeNumber(rest, 2, &month) &&
            TakeOneOf(rest, "-") && TakeNumber(rest, 2, &day) && TakeOneOf(rest, "Tt ") &&
            TakeNumber(rest, 2, &hour) && TakeOneOf(rest, ":") && TakeNumber(rest, 2, &minute) &&
            TakeOneOf(rest, ":") && TakeNumber(rest, 2, &second);
  if (ok && TakeOneOf(rest, ".")) {
    ok = TakeFraction(rest, &fraction);
  }
  ok = ok && TakeOffset(rest, &offset) && rest.empty();
  if (!ok) {
    return BadTime(text);
  }
  absl::CivilSecond civil(year, month, day, hour, minute, second);
  // CivilSecond normalises 30 February and 24:61; a time that changed was not one.
  if (civil.month() != month || civil.day() != day || civil.hour() != hour ||
      civil.minute() != minute || civil.second() != second) {
    return BadTime(text);
  }
  return Time{(civil - absl::CivilSecond(1970, 1, 1) - offset) * kSecond + fraction};
}

}  // namespace steward
