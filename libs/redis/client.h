#pragma once
// hiredis behind one class: 50 ms timeouts, a breaker, and a context that is thrown away after any error (a late reply would
// answer the next command). Mirror and rate limits only: every caller has another answer.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/metrics/registry.h"

namespace steward::redis {

struct Options {
  std::string host = "127.0.0.1";  // or a Unix socket's path
  int port = 6379;
  std::string password_file;
  int connect_timeout_ms = 100;
  int command_timeout_ms = 50;  // for a whole round trip; 50 us more for each command of a pipeline
  int breaker_failures = 20;    // consecutive; then UNAVAILABLE at once for breaker_open_ms
  int breaker_open_ms = 1000;
};

struct Reply {
  enum class Kind { kNil, kInt, kText, kArray } kind = Kind::kNil;
  int64_t number = 0;
  std::string text;
  std::vector<Reply> elements;
};

// One per thread. Arguments are sent with their length: spaces, NUL and % are data.
class Client {
 public:
  Client(Options options, metrics::Registry* registry);
  ~Client();
  // An error reply is FAILED_PRECONDITION with its text; a lost connection, a timeout or an open breaker UNAVAILABLE.
  [[nodiscard]] absl::StatusOr<Reply> Command(const std::vector<std::string>& arguments);
  // In one round trip; the first failure fails all.
  [[nodiscard]] absl::StatusOr<std::vector<Reply>> Pipeline(
      const std::vector<std::vector<std::string>>& commands);
  // MULTI ... EXEC in one round trip; the replies of EXEC.
  [[nodiscard]] absl::StatusOr<std::vector<Reply>> Transaction(
      const std::vector<std::vector<std::string>>& commands);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::redis
