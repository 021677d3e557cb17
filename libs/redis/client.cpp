#include "libs/redis/client.h"

#include <array>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/redis/breaker.h"
#include "libs/redis/session.h"

namespace steward::redis {
namespace {

// Label values of steward_redis_command_seconds; every other command is `other`.
constexpr std::array<std::string_view, 24> kCommands = {
    "del",   "exists", "expire", "get",   "hdel",    "hget", "hgetall",       "hmget",
    "hset",  "incr",   "incrby", "mget",  "pexpire", "ping", "scan",          "set",
    "setex", "unlink", "zadd",   "zcard", "zrange",  "zrem", "zrangebyscore", "zscore"};

std::string LabelOf(const std::string& command) {
  std::string lower = absl::AsciiStrToLower(command);
  for (std::string_view known : kCommands) {
    if (known == lower) {
      return lower;
    }
  }
  return "other";
}

absl::Status ErrorReply(const std::string& text) {
  return absl::FailedPreconditionError(absl::StrCat("redis: ", text));
}

}  // namespace

struct Client::Impl {
  Impl(Options o, metrics::Registry* r)
      : options(std::move(o)),
        registry(r),
        breaker(options.breaker_failures, int64_t{options.breaker_open_ms} * 1'000) {
    for (std::string_view label : {"pipeline", "transaction", "other"}) {
      Seconds(std::string(label));
    }
  }

  metrics::Histogram& Seconds(const std::string& label) {
    auto found = seconds.find(label);
    if (found == seconds.end()) {
      metrics::Histogram histogram;
      if (registry != nullptr) {
        histogram = registry->GetHistogram("steward_redis_command_seconds",
                                           "Round trips to Redis, failed ones included.",
                                           {{"command", label}}, metrics::LatencyBuckets());
      }
      found = seconds.emplace(label, histogram).first;
    }
    return found->second;
  }

  // One round trip on the session, which is opened when there is none and thrown away after any failure.
  absl::StatusOr<std::vector<Session::Answer>> RoundTrip(
      const std::vector<std::vector<std::string>>& commands, const std::string& label) {
    int64_t begin = MonotonicMicros();
    if (!breaker.Allows(begin)) {
      return absl::UnavailableError("redis: not asked, it failed too often in a row");
    }
    auto answers = Try(commands);
    int64_t end = MonotonicMicros();
    Seconds(label).Observe(static_cast<double>(end - begin) / 1e6);
    if (answers.ok()) {
      breaker.Succeeded();
    } else {
      session.reset();
      breaker.Failed(end);
    }
    return answers;
  }

  absl::StatusOr<std::vector<Session::Answer>> Try(
      const std::vector<std::vector<std::string>>& commands) {
    if (session == nullptr) {
      ASSIGN_OR_RETURN(session, Session::Open(options));
    }
    return session->RoundTrip(commands, options.command_timeout_ms);
  }

  Options options;
  metrics::Registry* registry;
  Breaker breaker;
  std::unique_ptr<Session> session;
  std::map<std::string, metrics::Histogram> seconds;
};

Client::Client(Options options, metrics::Registry* registry)
    : impl_(std::make_unique<Impl>(std::move(options), registry)) {}
Client::~Client() = default;

absl::StatusOr<Reply> Client::Command(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    return absl::InvalidArgumentError("redis: empty command");
  }
  ASSIGN_OR_RETURN(auto answers, impl_->RoundTrip({arguments}, LabelOf(arguments.front())));
  if (!answers.front().error.empty()) {
    return ErrorReply(answers.front().error);
  }
  return std::move(answers.front().reply);
}

absl::StatusOr<std::vector<Reply>> Client::Pipeline(
    const std::vector<std::vector<std::string>>& commands) {
  for (const auto& command : commands) {
    if (command.empty()) {
      return absl::InvalidArgumentError("redis: empty command");
    }
  }
  if (commands.empty()) {
    return std::vector<Reply>{};
  }
  ASSIGN_OR_RETURN(auto answers, impl_->RoundTrip(commands, "pipeline"));
  std::vector<Reply> replies;
  for (Session::Answer& answer : answers) {
    if (!answer.error.empty()) {
      return ErrorReply(answer.error);
    }
    replies.push_back(std::move(answer.reply));
  }
  return replies;
}

absl::StatusOr<std::vector<Reply>> Client::Transaction(
    const std::vector<std::vector<std::string>>& commands) {
  std::vector<std::vector<std::string>> framed = {{"MULTI"}};
  for (const auto& command : commands) {
    if (command.empty()) {
      return absl::InvalidArgumentError("redis: empty command");
    }
    framed.push_back(command);
  }
  framed.push_back({"EXEC"});
  ASSIGN_OR_RETURN(auto answers, impl_->RoundTrip(framed, "transaction"));
  for (const Session::Answer& answer : answers) {
    if (!answer.error.empty()) {
      return ErrorReply(answer.error);
    }
  }
  return std::move(answers.back().reply.elements);
}

}  // namespace steward::redis
