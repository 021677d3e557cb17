#pragma once
// Small words that the refusals of every domain are made of.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/status.h"

namespace steward {

// `a, b, c`.
template <class Values>
std::string Join(const Values& values) {
  std::string text;
  for (const auto& value : values) {
    text += text.empty() ? "" : ", ";
    text += value;
  }
  return text;
}

template <class Values, class Wanted>
bool Contains(const Values& values, const Wanted& wanted) {
  return std::find(values.begin(), values.end(), wanted) != values.end();
}

// FAILED_PRECONDITION with this reason.
absl::Status Precondition(std::string_view reason, std::string_view message,
                          std::vector<std::pair<std::string, std::string>> metadata);
// FAILED_PRECONDITION, reason NOTHING_TO_CHANGE, metadata `field` and `value`.
absl::Status NothingToChange(std::string_view field, std::string_view value);
// FIELD_INVALID when `code` is none of `codes`; the refusal names them.
template <class Codes>
absl::Status CheckCode(std::string_view field, std::string_view code, const Codes& codes) {
  return Contains(codes, code) ? absl::OkStatus()
                               : FieldInvalid(field, "is not one of " + Join(codes));
}
// FIELD_INVALID when `text` is empty, not clean UTF-8 or longer than 200 characters.
absl::Status CheckRequired(std::string_view field, std::string_view text);

}  // namespace steward
