#include <charconv>
#include <chrono>
#include <cstdio>

#include "libs/base/status.h"
#include "services/sla/domain/calendar.h"

namespace steward::sla {
namespace {

constexpr int32_t kDaySeconds = 86'400;

std::chrono::sys_days SysDays(Date date) {
  return std::chrono::sys_days{std::chrono::days{date.days}};
}

// Exactly `size` digits, nothing else.
std::optional<int> Digits(std::string_view text, size_t size) {
  if (text.size() != size || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// `HH:MM` or `HH:MM:SS` as seconds of the day, 24:00 included.
std::optional<int32_t> SecondOfDay(std::string_view text) {
  if ((text.size() != 5 && text.size() != 8) || text[2] != ':' ||
      (text.size() == 8 && text[5] != ':')) {
    return std::nullopt;
  }
  const auto hour = Digits(text.substr(0, 2), 2);
  const auto minute = Digits(text.substr(3, 2), 2);
  const auto second = text.size() == 8 ? Digits(text.substr(6, 2), 2) : std::optional<int>(0);
  if (!hour || !minute || !second || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  const int32_t total = *hour * 3'600 + *minute * 60 + *second;
  return total <= kDaySeconds ? std::optional<int32_t>(total) : std::nullopt;
}

}  // namespace

absl::StatusOr<Date> ParseDate(std::string_view text) {
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  const auto year = shaped ? Digits(text.substr(0, 4), 4) : std::nullopt;
  const auto month = shaped ? Digits(text.substr(5, 2), 2) : std::nullopt;
  const auto day = shaped ? Digits(text.substr(8, 2), 2) : std::nullopt;
  if (!year || !month || !day) {
    return FieldInvalid("date", "write a date as YYYY-MM-DD");
  }
  const std::chrono::year_month_day civil{std::chrono::year{*year},
                                          std::chrono::month{static_cast<unsigned>(*month)},
                                          std::chrono::day{static_cast<unsigned>(*day)}};
  if (!civil.ok() || *year < 1) {
    return FieldInvalid("date", std::string(text) + " is not in the calendar");
  }
  return Date{static_cast<int32_t>(std::chrono::sys_days{civil}.time_since_epoch().count())};
}

std::string FormatDate(Date date) {
  const std::chrono::year_month_day civil{SysDays(date)};
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02u", static_cast<int>(civil.year()),
                static_cast<unsigned>(civil.month()), static_cast<unsigned>(civil.day()));
  return text;
}

int YearOf(Date date) {
  return static_cast<int>(std::chrono::year_month_day{SysDays(date)}.year());
}

int WeekdayOf(Date date) {
  return static_cast<int>(std::chrono::weekday{SysDays(date)}.iso_encoding()) - 1;
}

absl::StatusOr<DayInterval> ParseInterval(std::string_view field, std::string_view open,
                                          std::string_view close) {
  const std::string name(field);
  const auto from = SecondOfDay(open);
  if (!from || *from == kDaySeconds) {
    return FieldInvalid(name + ".open", "write a time of day as HH:MM or HH:MM:SS, up to 23:59:59");
  }
  auto to = SecondOfDay(close);
  if (!to) {
    return FieldInvalid(name + ".close", "write a time of day as HH:MM or HH:MM:SS, up to 24:00");
  }
  if (*from == *to) {
    return FieldInvalid(name + ".close",
                        "equals the opening; a whole day is written 00:00 to 24:00");
  }
  // Until midnight, in either spelling.
  return DayInterval{*from, *to == 0 ? kDaySeconds : *to};
}

}  // namespace steward::sla
