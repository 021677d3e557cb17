#include "libs/base/text.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"

namespace steward {
namespace {

constexpr int32_t kBad = -1;

// The code point at the front, removed from `text`; kBad for anything that is not well-formed UTF-8.
int32_t TakeCodePoint(std::string_view& text) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  uint8_t first = byte(0);
  size_t length = first < 0x80           ? 1
                  : (first >> 5) == 0x6  ? 2
                  : (first >> 4) == 0xE  ? 3
                  : (first >> 3) == 0x1E ? 4
                                         : 0;
  if (length == 0 || text.size() < length) {
    text.remove_prefix(1);
    return kBad;
  }
  int32_t point = length == 1 ? first : first & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      text.remove_prefix(1);
      return kBad;
    }
    point = (point << 6) | (byte(i) & 0x3F);
  }
  constexpr std::array<int32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  text.remove_prefix(length);
  return point < kSmallest[length] || surrogate || point > 0x10FFFF ? kBad : point;
}

struct Range {
  int32_t first;
  int32_t last;
};
// East Asian Wide and Fullwidth (UAX #11), in blocks.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2329, 0x232A},
    Range{0x23E9, 0x23EC},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},
    Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},
    Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x16FE0, 0x18AFF}, Range{0x1B000, 0x1B2FF}, Range{0x1F300, 0x1F64F},
    Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1FAFF}, Range{0x20000, 0x3FFFD}};
// Combining marks, joiners and controls take no column.
constexpr std::array kZero = {Range{0x0000, 0x001F}, Range{0x007F, 0x009F}, Range{0x0300, 0x036F},
                              Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F},
                              Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}};

template <size_t N>
bool In(const std::array<Range, N>& ranges, int32_t point) {
  for (const Range& range : ranges) {
    if (point >= range.first && point <= range.last) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool IsCleanUtf8(std::string_view text) {
  while (!text.empty()) {
    if (TakeCodePoint(text) <= 0) {
      return false;
    }
  }
  return true;
}

absl::Status CheckText(std::string_view field, std::string_view text, size_t max_characters) {
  size_t characters = 0;
  while (!text.empty()) {
    int32_t point = TakeCodePoint(text);
    if (point == kBad) {
      return FieldInvalid(field, "is not valid UTF-8; send UTF-8 text");
    }
    if (point == 0) {
      return FieldInvalid(field, "holds a NUL character; remove it");
    }
    ++characters;
  }
  if (characters > max_characters) {
    return FieldInvalid(field, FromAbsl(absl::StrCat("has ", characters, " characters; at most ",
                                                     max_characters, " are allowed")));
  }
  return absl::OkStatus();
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    int32_t point = TakeCodePoint(text);
    width += In(kZero, point) ? 0 : In(kWide, point) ? 2 : 1;
  }
  return width;
}

}  // namespace steward
