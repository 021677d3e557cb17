#pragma once
// The context file that a running system writes: where its services are, and the token to call them
// with.

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace stewardctl {

struct Context {
  std::map<std::string, std::string> addresses;  // by service
  std::map<std::string, std::string> admin;      // by service, where known
  std::string token_file;
  std::string signing_key_file;  // development only
  std::string issuer;
  std::string tls_certificate_file, tls_key_file, tls_ca_file;
  std::string kafka;
};

// `{"services": {"sla": "127.0.0.1:7231" or {"address": ..., "admin": ...}}, "token_file": ...,
// "tls": ...}`.
absl::StatusOr<Context> ParseContext(const std::string& json);
absl::StatusOr<Context> ReadContext(const std::string& file);
// The file named, else STEWARD_CONTEXT, else .run/context.json in this folder or one above; empty
// when there is none.
std::string FindContextFile(const std::string& named);

absl::StatusOr<std::string> ReadFile(const std::string& file);

}  // namespace stewardctl
