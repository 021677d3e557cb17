#pragma once
// Small words that the domain's refusals are made of.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/status.h"

namespace steward::leads {

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

template <class Values>
bool Contains(const Values& values, std::string_view wanted) {
  return std::find(values.begin(), values.end(), wanted) != values.end();
}

// FAILED_PRECONDITION with this reason.
inline absl::Status Precondition(std::string_view reason, std::string_view message,
                                 std::vector<std::pair<std::string, std::string>> metadata) {
  return Refuse(absl::StatusCode::kFailedPrecondition, message,
                {std::string(reason), std::move(metadata), {}, {}});
}

// FAILED_PRECONDITION, reason NOTHING_TO_CHANGE, metadata `field` and `value`.
inline absl::Status NothingToChange(std::string_view field, std::string_view value) {
  return Precondition("NOTHING_TO_CHANGE",
                      "the " + std::string(field) + " is `" + std::string(value) + "` already",
                      {{"field", std::string(field)}, {"value", std::string(value)}});
}

// A reference to a record kept elsewhere, as events may carry it: 1 to 200 of letters, digits and
// `. _ : / -`, so that free text has no way in.
inline bool IsReference(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:/-").find(c) != std::string_view::npos;
  });
}

}  // namespace steward::leads
