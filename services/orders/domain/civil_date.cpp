#include "services/orders/domain/civil_date.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>

#include "libs/base/status.h"

namespace steward::orders {
namespace {

constexpr int32_t kFirst = -719'162;  // 0001-01-01
constexpr int32_t kLast = 2'932'896;  // 9999-12-31

std::optional<int> Digits(std::string_view text) {
  if (text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

absl::StatusOr<CivilDate> ParseCivilDate(std::string_view field, std::string_view text) {
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  const auto year = shaped ? Digits(text.substr(0, 4)) : std::nullopt;
  const auto month = shaped ? Digits(text.substr(5, 2)) : std::nullopt;
  const auto day = shaped ? Digits(text.substr(8, 2)) : std::nullopt;
  if (!year || !month || !day) {
    return FieldInvalid(field, "write a date as YYYY-MM-DD");
  }
  const std::chrono::year_month_day civil{std::chrono::year{*year},
                                          std::chrono::month{static_cast<unsigned>(*month)},
                                          std::chrono::day{static_cast<unsigned>(*day)}};
  if (!civil.ok() || *year < 1) {
    return FieldInvalid(field, std::string(text) + " is not in the calendar");
  }
  return CivilDate{static_cast<int32_t>(std::chrono::sys_days{civil}.time_since_epoch().count())};
}

std::string FormatCivilDate(CivilDate date) {
  const std::chrono::year_month_day civil{std::chrono::sys_days{std::chrono::days{date.days}}};
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02u", static_cast<int>(civil.year()),
                static_cast<unsigned>(civil.month()), static_cast<unsigned>(civil.day()));
  return text;
}

absl::StatusOr<CivilDate> AddDays(CivilDate date, int64_t days) {
  int64_t sum = 0;
  if (__builtin_add_overflow(int64_t{date.days}, days, &sum) || sum < kFirst || sum > kLast) {
    return Refuse(absl::StatusCode::kOutOfRange,
                  std::to_string(days) + " days from " + FormatCivilDate(date) +
                      " is outside the years 0001 to 9999",
                  {"DATE_OUT_OF_RANGE"});
  }
  return CivilDate{static_cast<int32_t>(sum)};
}

}  // namespace steward::orders
