#include "libs/rpc/paging.h"

#include <cstdint>

#include "libs/base/status.h"
#include "libs/rpc/crypto.h"

namespace steward::rpc {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 200;
constexpr size_t kMacBytes = 16;
constexpr size_t kMaxTokenCharacters = 4'000;

void PutText(std::string& out, std::string_view text) {
  uint32_t size = static_cast<uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(size >> shift));
  }
  out.append(text);
}

// Both parts have their length in front, so that no byte can move from one to the other.
std::string MacOf(std::string_view secret, std::string_view query, std::string_view cursor) {
  std::string bytes;
  PutText(bytes, query);
  PutText(bytes, cursor);
  return HmacSha256(secret, bytes).substr(0, kMacBytes);
}

absl::Status Invalid() {
  return Refuse(
      absl::StatusCode::kInvalidArgument,
      "page_token: is not a token of this query; begin again without one",
      {.reason = "PAGE_TOKEN_INVALID", .fields = {{"page_token", "is not a token of this query"}}});
}

}  // namespace

absl::StatusOr<int> PageSize(int requested) {
  if (requested < 0) {
    return FieldInvalid("page_size", "must not be negative");
  }
  return requested == 0 ? kDefaultPage : std::min(requested, kMaxPage);
}

std::string PageTokens::Make(std::string_view query, const std::vector<std::string>& cursor) const {
  std::string bytes;
  for (const std::string& part : cursor) {
    PutText(bytes, part);
  }
  return EncodeBase64Url(MacOf(secret_, query, bytes) + bytes);
}

absl::StatusOr<std::vector<std::string>> PageTokens::Read(std::string_view query,
                                                          std::string_view token) const {
  std::vector<std::string> cursor;
  if (token.empty()) {
    return cursor;
  }
  std::optional<std::string> bytes =
      token.size() <= kMaxTokenCharacters ? DecodeBase64Url(token) : std::nullopt;
  if (!bytes || bytes->size() < kMacBytes) {
    return Invalid();
  }
  std::string_view rest = std::string_view(*bytes).substr(kMacBytes);
  if (!EqualInConstantTime(std::string_view(*bytes).substr(0, kMacBytes),
                           MacOf(secret_, query, rest))) {
    return Invalid();
  }
  while (!rest.empty()) {
    uint32_t size = 0;
    for (size_t i = 0; i < 4 && i < rest.size(); ++i) {
      size = (size << 8) | static_cast<uint8_t>(rest[i]);
    }
    if (rest.size() < 4 || size > rest.size() - 4) {
      return Invalid();
    }
    cursor.emplace_back(rest.substr(4, size));
    rest.remove_prefix(4 + size);
  }
  return cursor;
}

}  // namespace steward::rpc
