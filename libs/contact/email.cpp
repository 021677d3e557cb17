#include <algorithm>
#include <cstddef>

#include "libs/contact/contact.h"
#include "libs/contact/width.h"

namespace steward::contact {
namespace {

constexpr size_t kLocalLength = 64;
constexpr size_t kLength = 254;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// ASCII that an unquoted local part may hold, or any other character.
bool IsLocal(unsigned char c) {
  return c >= 0x80 ||
         (c > ' ' && c != 0x7F &&
          std::string_view("\"(),:;<>@[\\]").find(static_cast<char>(c)) == std::string_view::npos);
}
bool IsLabel(unsigned char c) {
  return c >= 0x80 || c == '-' || IsAsciiDigit(c) || IsAsciiLetter(c);
}

bool MisplacesDots(std::string_view text) {
  return text.empty() || text.front() == '.' || text.back() == '.' ||
         text.find("..") != std::string_view::npos;
}

}  // namespace

std::optional<std::string> NormaliseEmail(std::string_view text) {
  std::string address = FoldWidth(text);
  while (!address.empty() && IsBlank(address.back())) {
    address.pop_back();
  }
  address.erase(address.begin(), std::find_if_not(address.begin(), address.end(), IsBlank));
  const size_t at = address.find('@');
  if (at == std::string::npos || at > kLocalLength || address.size() > kLength) {
    return std::nullopt;
  }
  const std::string_view local = std::string_view(address).substr(0, at);
  const std::string_view domain = std::string_view(address).substr(at + 1);
  if (MisplacesDots(local) || MisplacesDots(domain) || domain.find('.') == std::string_view::npos ||
      !std::all_of(local.begin(), local.end(), IsLocal) ||
      !std::all_of(domain.begin(), domain.end(),
                   [](char c) { return c == '.' || IsLabel(static_cast<unsigned char>(c)); })) {
    return std::nullopt;
  }
  return address;
}

}  // namespace steward::contact
