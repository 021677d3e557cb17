#pragma once
// The JSON of tokens and key sets, read strictly: duplicate members, unknown shapes and trailing
// text are refused. Internal to the library.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/key.h"

namespace steward::rpc {

struct TokenHeader {
  std::string algorithm, type, key_id;
};
struct TokenBody {
  std::string issuer, subject;
  std::string id;  // `jti`; empty = it has none
  std::vector<std::string> audience;
  std::optional<double> expires, not_before, issued;  // seconds since 1970
};
// The error's message says what is wrong, for the log only.
absl::StatusOr<TokenHeader> ParseTokenHeader(std::string_view json);
absl::StatusOr<TokenBody> ParseTokenBody(std::string_view json);
std::string FormatTokenHeader(Algorithm algorithm, std::string_view key_id);
std::string FormatTokenBody(const TokenClaims& claims, std::string_view token_id);

// Keys by id. A key set with an unusable or repeated key is refused as a whole.
absl::StatusOr<std::map<std::string, Key, std::less<>>> ParseKeySet(std::string_view json);
std::string FormatKeySet(const Key::Point& point, std::string_view key_id);
// RFC 7638: the SHA-256 of the canonical public key.
std::string Thumbprint(const Key::Point& point);

// Letters, digits, `.`, `_`, `-`; at most 128. Nothing that could be a path or a URL.
bool IsKeyId(std::string_view text);

}  // namespace steward::rpc
