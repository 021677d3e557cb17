#pragma once
// Signing keys: ES256 (P-256) and RS256 (RSA from 2,048 bits) by OpenSSL EVP. Internal to the
// library.

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace steward::rpc {

enum class Algorithm { kEs256, kRs256 };

// A key of either kind. Immutable, cheap to copy, thread-safe.
class Key {
 public:
  // From the base64url-decoded members of a JWK.
  static absl::StatusOr<Key> FromEcPoint(std::string_view x, std::string_view y);
  static absl::StatusOr<Key> FromRsaNumbers(std::string_view n, std::string_view e);
  static absl::StatusOr<Key> FromPrivatePem(std::string_view pem);
  static absl::StatusOr<Key> GenerateEc();

  Algorithm algorithm() const { return algorithm_; }
  // `signature` as in a JWS: r||s of 64 bytes, or the RSA signature.
  bool Verify(std::string_view bytes, std::string_view signature) const;
  absl::StatusOr<std::string> Sign(std::string_view bytes) const;
  absl::StatusOr<std::string> PrivatePem() const;
  struct Point {
    std::string x, y;
  };
  absl::StatusOr<Point> EcPoint() const;

 private:
  Key(std::shared_ptr<void> handle, Algorithm algorithm)
      : handle_(std::move(handle)), algorithm_(algorithm) {}
  static absl::StatusOr<Key> Adopt(void* handle);
  std::shared_ptr<void> handle_;  // EVP_PKEY
  Algorithm algorithm_;
};

}  // namespace steward::rpc
