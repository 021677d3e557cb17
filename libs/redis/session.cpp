#include "libs/redis/session.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"

namespace steward::redis {
namespace {

absl::Status Lost(std::string_view what, std::string_view detail) {
  return absl::UnavailableError(
      absl::StrCat("redis: ", ToAbsl(what), detail.empty() ? "" : ": ", ToAbsl(detail)));
}

// A pipeline of thousands takes longer than one command, though not fifty milliseconds each.
constexpr int64_t kMicrosPerCommand = 50;

timeval ToTimeval(int ms) { return {ms / 1'000, (ms % 1'000) * 1'000}; }

// Copies a reply; the text of the first error reply inside goes to `error`.
Reply Copy(const redisReply& from, std::string* error) {
  Reply to;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      to.kind = Reply::Kind::kInt;
      to.number = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      to.kind = Reply::Kind::kText;
      to.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ERROR:
      if (error->empty()) {
        error->assign(from.str, from.len);
      }
      break;
    case REDIS_REPLY_ARRAY:
      to.kind = Reply::Kind::kArray;
      for (size_t i = 0; i < from.elements; ++i) {
        to.elements.push_back(Copy(*from.element[i], error));
      }
      break;
    default:
      break;  // nil
  }
  return to;
}

// hiredis 0.14 allocates what an array's header announces before an element has come: a garbled header would cost
// gigabytes and seconds.
constexpr int kMaxElements = 1'000'000;

void LimitArrays(redisReader* reader) {
  static const redisReplyObjectFunctions* const kDefaults = reader->fn;
  static redisReplyObjectFunctions limited = [] {
    redisReplyObjectFunctions functions = *kDefaults;
    functions.createArray = [](const redisReadTask* task, int elements) -> void* {
      return elements > kMaxElements ? nullptr : kDefaults->createArray(task, elements);
    };
    return functions;
  }();
  reader->fn = &limited;
}

absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  std::ifstream file(path);
  std::string password;
  if (!std::getline(file, password) || password.empty()) {
    return Lost("cannot read the password file", path);
  }
  return password;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Options& options) {
  bool local = !options.host.empty() && options.host.front() == '/';
  timeval timeout = ToTimeval(options.connect_timeout_ms);
  redisContext* context =
      local ? redisConnectUnixWithTimeout(options.host.c_str(), timeout)
            : redisConnectWithTimeout(options.host.c_str(), options.port, timeout);
  if (context == nullptr) {
    return Lost("connect", "out of memory");
  }
  std::unique_ptr<Session> session(new Session(context));
  if (context->err != 0) {
    return Lost("connect", context->errstr);
  }
  int flags = fcntl(context->fd, F_GETFL);
  if (flags < 0 || fcntl(context->fd, F_SETFL, flags | O_NONBLOCK) < 0) {
    return Lost("connect", "cannot make the socket non-blocking");
  }
  context->flags &= ~REDIS_BLOCK;
  LimitArrays(context->reader);
  if (!options.password_file.empty()) {
    ASSIGN_OR_RETURN(std::string password, ReadPassword(options.password_file));
    ASSIGN_OR_RETURN(auto answers,
                     session->RoundTrip({{"AUTH", password}}, options.command_timeout_ms));
    if (!answers.front().error.empty()) {
      return Lost("AUTH", answers.front().error);
    }
  }
  return session;
}

Session::~Session() { redisFree(context_); }

absl::Status Session::Await(short events, int64_t deadline) {
  while (true) {
    int64_t left = deadline - MonotonicMicros();
    if (left <= 0) {
      return Lost("timeout", "");
    }
    pollfd fd{context_->fd, events, 0};
    int n = poll(&fd, 1, static_cast<int>((left + 999) / 1'000));
    if (n > 0) {
      return absl::OkStatus();
    }
    if (n < 0 && errno != EINTR) {
      return Lost("poll", "");
    }
  }
}

absl::Status Session::ReadOne(int64_t deadline, Answer* answer) {
  while (true) {
    void* raw = nullptr;
    if (redisGetReplyFromReader(context_, &raw) != REDIS_OK) {
      return Lost("read", context_->errstr);
    }
    if (raw != nullptr) {
      std::unique_ptr<void, void (*)(void*)> owner(raw, freeReplyObject);
      answer->reply = Copy(*static_cast<redisReply*>(raw), &answer->error);
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(Await(POLLIN, deadline));
    if (redisBufferRead(context_) != REDIS_OK) {
      return Lost("read", context_->errstr);
    }
  }
}

absl::StatusOr<std::vector<Session::Answer>> Session::RoundTrip(
    const std::vector<std::vector<std::string>>& commands, int timeout_ms) {
  int64_t deadline = MonotonicMicros() + int64_t{timeout_ms} * 1'000 +
                     static_cast<int64_t>(commands.size()) * kMicrosPerCommand;
  for (const auto& command : commands) {
    std::vector<const char*> data;
    std::vector<size_t> sizes;
    for (const std::string& argument : command) {
      data.push_back(argument.data());
      sizes.push_back(argument.size());
    }
    if (redisAppendCommandArgv(context_, static_cast<int>(data.size()), data.data(),
                               sizes.data()) != REDIS_OK) {
      return Lost("write", context_->errstr);
    }
  }
  int done = 0;
  while (done == 0) {
    if (redisBufferWrite(context_, &done) != REDIS_OK) {
      return Lost("write", context_->errstr);
    }
    if (done == 0) {
      RETURN_IF_ERROR(Await(POLLOUT, deadline));
    }
  }
  std::vector<Answer> answers(commands.size());
  for (Answer& answer : answers) {
    RETURN_IF_ERROR(ReadOne(deadline, &answer));
  }
  return answers;
}

}  // namespace steward::redis
