#pragma once
// Full-width forms, as Chinese input methods write them, to plain ASCII. Private to this library.

#include <string>
#include <string_view>
#include <vector>

namespace steward::contact {

// Code points of UTF-8 with full-width ASCII and the ideographic space folded; a broken byte becomes U+FFFD.
std::vector<char32_t> FoldedCodePoints(std::string_view text);
std::string ToUtf8(const std::vector<char32_t>& code_points);
// Both at once, with ASCII letters in lower case.
std::string FoldWidth(std::string_view text);

bool IsAsciiDigit(char32_t c);
bool IsAsciiLetter(char32_t c);

}  // namespace steward::contact
