#pragma once
// Just enough JSON to write one flat object.

#include <string>
#include <string_view>

namespace steward::log {

// Appends `text` in double quotes. Invalid UTF-8 becomes U+FFFD, control characters are escaped, and a text longer than
// kMaxText bytes is cut and ends in `...`: whatever comes in, one valid JSON string on one line comes out.
inline constexpr size_t kMaxText = 8192;
void AppendJsonString(std::string& out, std::string_view text);
// NaN and the infinities have no JSON number: they become strings.
void AppendJsonNumber(std::string& out, double value);

}  // namespace steward::log
