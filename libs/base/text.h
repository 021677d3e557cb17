#pragma once
// Text that may enter a statement or an event.

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace steward {

// Valid UTF-8 without NUL.
bool IsCleanUtf8(std::string_view text);
// INVALID_ARGUMENT naming the field when the text has NUL, is not UTF-8 or is longer than `max_characters`.
absl::Status CheckText(std::string_view field, std::string_view text, size_t max_characters);
// Terminal columns of UTF-8 text; Chinese characters take two.
size_t DisplayWidth(std::string_view text);

}  // namespace steward
