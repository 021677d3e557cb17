#pragma once
// Hashes and encodings of libs/rpc, all by OpenSSL. Internal to the library.

#include <optional>
#include <string>
#include <string_view>

namespace steward::rpc {

std::string Sha256(std::string_view bytes);                            // 32 bytes
std::string HmacSha256(std::string_view key, std::string_view bytes);  // 32 bytes
bool EqualInConstantTime(std::string_view a, std::string_view b);
std::string RandomBytes(size_t count);
std::string ToHex(std::string_view bytes);

// RFC 4648 section 5 without padding. Decoding takes the one canonical form only.
std::string EncodeBase64Url(std::string_view bytes);
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace steward::rpc
