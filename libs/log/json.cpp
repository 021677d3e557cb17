#include "libs/log/json.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "libs/base/text.h"

namespace steward::log {
namespace {

// Length of the well-formed UTF-8 sequence at the front; 0 when there is none.
size_t SequenceLength(std::string_view text) {
  for (size_t length = 2; length <= 4 && length <= text.size(); ++length) {
    if (IsCleanUtf8(text.substr(0, length))) {
      return length;
    }
  }
  return 0;
}

void AppendAscii(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  } else {
    out.push_back(c);
  }
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  bool cut = text.size() > kMaxText;
  if (cut) {
    text = text.substr(0, kMaxText);
    while (!text.empty() && (text.back() & 0xC0) == 0x80) {
      text.remove_suffix(1);  // not inside a character
    }
    if (!text.empty() && (text.back() & 0x80) != 0) {
      text.remove_suffix(1);
    }
  }
  out.push_back('"');
  while (!text.empty()) {
    if ((text.front() & 0x80) == 0) {
      AppendAscii(out, text.front());
      text.remove_prefix(1);
    } else if (size_t length = SequenceLength(text); length > 0) {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    } else {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    }
  }
  out += cut ? "...\"" : "\"";
}

void AppendJsonNumber(std::string& out, double value) {
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out), "{}", value);
  } else {
    out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  }
}

}  // namespace steward::log
