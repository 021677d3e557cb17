#include "libs/base/day.h"

#include <charconv>
#include <cstdio>
#include <optional>

#include "libs/base/status.h"

namespace steward {
namespace {

constexpr absl::CivilDay kFirst(1, 1, 1);
constexpr absl::CivilDay kLast(9999, 12, 31);

std::optional<int> Digits(std::string_view text) {
  if (text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

absl::StatusOr<absl::CivilDay> ParseDay(std::string_view field, std::string_view text) {
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  const auto year = shaped ? Digits(text.substr(0, 4)) : std::nullopt;
  const auto month = shaped ? Digits(text.substr(5, 2)) : std::nullopt;
  const auto day = shaped ? Digits(text.substr(8, 2)) : std::nullopt;
  if (!year || !month || !day) {
    return FieldInvalid(field, "write a date as YYYY-MM-DD");
  }
  // It carries what does not exist over to the next month, so that it comes out differently.
  const absl::CivilDay civil(*year, *month, *day);
  if (civil.year() != *year || civil.month() != *month || civil.day() != *day || *year < 1) {
    return FieldInvalid(field, std::string(text) + " is not in the calendar");
  }
  return civil;
}

std::string FormatDay(absl::CivilDay day) {
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02d-%02d", static_cast<int>(day.year()), day.month(),
                day.day());
  return text;
}

absl::StatusOr<absl::CivilDay> AddDays(absl::CivilDay day, int64_t days) {
  if (days < kFirst - day || days > kLast - day) {
    return Refuse(absl::StatusCode::kOutOfRange,
                  std::to_string(days) + " days from " + FormatDay(day) +
                      " is outside the years 0001 to 9999",
                  {"DATE_OUT_OF_RANGE"});
  }
  return day + days;
}

}  // namespace steward
