#include "libs/contact/width.h"

#include <cstddef>

namespace steward::contact {
namespace {

constexpr char32_t kBroken = 0xFFFD;

// The code point at `at`, and moves behind it.
char32_t Decode(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at++);
  if (lead < 0x80) {
    return lead;
  }
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : -1;
  if (more < 0 || lead > 0xF4) {
    return kBroken;
  }
  char32_t c = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    if (at == text.size() || (byte(at) & 0xC0) != 0x80) {
      return kBroken;
    }
    c = (c << 6) | (byte(at++) & 0x3F);
  }
  return c;
}

void Encode(char32_t c, std::string& out) {
  const auto add = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | (c >> 6));
    add(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    add(0xE0 | (c >> 12));
    add(0x80 | ((c >> 6) & 0x3F));
    add(0x80 | (c & 0x3F));
  } else {
    add(0xF0 | (c >> 18));
    add(0x80 | ((c >> 12) & 0x3F));
    add(0x80 | ((c >> 6) & 0x3F));
    add(0x80 | (c & 0x3F));
  }
}

}  // namespace

std::vector<char32_t> FoldedCodePoints(std::string_view text) {
  std::vector<char32_t> folded;
  for (size_t at = 0; at < text.size();) {
    char32_t c = Decode(text, at);
    if (c >= 0xFF01 && c <= 0xFF5E) {
      c -= 0xFEE0;
    } else if (c == 0x3000 || c == 0xA0) {
      c = ' ';
    }
    folded.push_back(c);
  }
  return folded;
}

std::string ToUtf8(const std::vector<char32_t>& code_points) {
  std::string text;
  for (const char32_t c : code_points) {
    Encode(c, text);
  }
  return text;
}

std::string FoldWidth(std::string_view text) {
  std::vector<char32_t> folded = FoldedCodePoints(text);
  for (char32_t& c : folded) {
    c = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
  }
  return ToUtf8(folded);
}

bool IsAsciiDigit(char32_t c) { return c >= '0' && c <= '9'; }
bool IsAsciiLetter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace steward::contact
