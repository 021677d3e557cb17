#pragma once
// Amounts and days as people type and read them.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"
#include "libs/base/money.h"

namespace stewardctl {

// `12345.60CNY`, with or without a blank between.
absl::StatusOr<steward::Money> ParseAmount(std::string_view text);
// `12345.60` of a currency; INVALID_ARGUMENT naming `option`.
[[nodiscard]] absl::Status SetAmount(const std::string& option, const std::string& amount,
                                     const std::string& currency, google::type::Money* money);
// `2026-03-31`; INVALID_ARGUMENT naming `option`.
[[nodiscard]] absl::Status SetDay(const std::string& option, const std::string& day,
                                  google::type::Date* date);

// `12,345.60 CNY`; `0` amounts too.
std::string AmountText(const google::type::Money& money);
// Of minor units.
std::string AmountText(int64_t minor, const std::string& currency);
// Microseconds as `51h12m3s`, to the second.
std::string DurationText(int64_t micros);
// Empty when it is not set.
std::string DayText(bool given, const google::type::Date& date);

}  // namespace stewardctl
