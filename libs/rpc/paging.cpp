#include "libs/rpc/paging.h"

#include <charconv>
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

}  // namespace

absl::Status BadPageToken() {
  return Refuse(
      absl::StatusCode::kInvalidArgument,
      "page_token: is not a token of this query; begin again without one",
      {.reason = "PAGE_TOKEN_INVALID", .fields = {{"page_token", "is not a token of this query"}}});
}

absl::StatusOr<int64_t> CursorNumber(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return BadPageToken();
  }
  return value;
}

absl::StatusOr<HistoryCursor> ReadHistoryCursor(const std::vector<std::string>& cursor) {
  if (cursor.empty()) {
    return HistoryCursor{};
  }
  if (cursor.size() != 2) {
    return BadPageToken();
  }
  HistoryCursor read;
  ASSIGN_OR_RETURN(read.version, CursorNumber(cursor[0]));
  ASSIGN_OR_RETURN(read.part, CursorNumber(cursor[1]));
  return read;
}

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
    return BadPageToken();
  }
  std::string_view rest = std::string_view(*bytes).substr(kMacBytes);
  if (!EqualInConstantTime(std::string_view(*bytes).substr(0, kMacBytes),
                           MacOf(secret_, query, rest))) {
    return BadPageToken();
  }
  while (!rest.empty()) {
    uint32_t size = 0;
    for (size_t i = 0; i < 4 && i < rest.size(); ++i) {
      size = (size << 8) | static_cast<uint8_t>(rest[i]);
    }
    if (rest.size() < 4 || size > rest.size() - 4) {
      return BadPageToken();
    }
    cursor.emplace_back(rest.substr(4, size));
    rest.remove_prefix(4 + size);
  }
  return cursor;
}

}  // namespace steward::rpc
