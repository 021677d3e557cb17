#pragma once
// References to what is kept elsewhere.

#include <algorithm>
#include <string_view>

namespace steward::leads {

// A reference to a record kept elsewhere, as events may carry it: 1 to 200 of letters, digits and
// `. _ : / -`, so that free text has no way in.
inline bool IsReference(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:/-").find(c) != std::string_view::npos;
  });
}

}  // namespace steward::leads
