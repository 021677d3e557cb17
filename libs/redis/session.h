#pragma once
// One hiredis context: made, used and thrown away as a whole. hiredis has one timeout for each system call; here a deadline
// bounds a whole round trip, so that a server which drips bytes cannot hold a worker.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/redis/client.h"

struct redisContext;

namespace steward::redis {

// Not thread-safe. After any failure of RoundTrip the object must be destroyed: a late reply may still be on its way.
class Session {
 public:
  // Connected and authenticated, or UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Session>> Open(const Options& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  struct Answer {
    Reply reply;
    std::string error;  // of an error reply, anywhere in it; empty = none
  };
  // Sends all commands, reads exactly one reply each.
  [[nodiscard]] absl::StatusOr<std::vector<Answer>> RoundTrip(
      const std::vector<std::vector<std::string>>& commands, int timeout_ms);

 private:
  explicit Session(redisContext* context) : context_(context) {}
  absl::Status Await(short events, int64_t deadline);
  absl::Status ReadOne(int64_t deadline, Answer* answer);

  redisContext* context_;
};

}  // namespace steward::redis
