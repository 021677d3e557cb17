#include "libs/log/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>

#include "libs/base/clock.h"
#include "libs/log/json.h"

namespace steward::log {
namespace {

// Never destroyed: threads may log while the process ends.
std::string& ServiceName() {
  static auto* name = new std::string("steward");
  return *name;
}
std::mutex& WriteMutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}
std::atomic<Level> g_level{Level::kInfo};
thread_local const Scope* t_scope = nullptr;

std::string_view NameOf(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

void AppendText(std::string& line, std::string_view key, std::string_view value) {
  if (!value.empty()) {
    line += ',';
    AppendJsonString(line, key);
    line += ':';
    AppendJsonString(line, value);
  }
}

struct ValueWriter {
  std::string& line;
  void operator()(std::string_view v) const { AppendJsonString(line, v); }
  void operator()(int64_t v) const { line += std::to_string(v); }
  void operator()(double v) const { AppendJsonNumber(line, v); }
  void operator()(bool v) const { line += v ? "true" : "false"; }
};

// The line in one piece, so that lines of threads and of other processes on the same pipe stay whole.
void WriteLine(std::string_view line) {
  std::lock_guard lock(WriteMutex());
  while (!line.empty()) {
    ssize_t n = write(STDERR_FILENO, line.data(), line.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return;  // nobody reads; a service does not die of that
    }
    line.remove_prefix(static_cast<size_t>(n));
  }
}

// `00-<32 hex>-<16 hex>-<flags>` (W3C) holds trace and span; anything else is a trace id alone.
bool IsTraceparent(std::string_view text) {
  return text.size() == 55 && text[2] == '-' && text[35] == '-' && text[52] == '-';
}

}  // namespace

struct ScopeAccess {
  static void Append(std::string& line, const Scope* scope) {
    auto first_set = [&](const std::string Scope::*member) -> std::string_view {
      for (const Scope* s = scope; s != nullptr; s = s->outer_) {
        if (!(s->*member).empty()) {
          return s->*member;
        }
      }
      return "";
    };
    AppendText(line, "request_id", first_set(&Scope::request_id_));
    std::string_view trace = first_set(&Scope::trace_id_);
    if (IsTraceparent(trace)) {
      AppendText(line, "trace_id", trace.substr(3, 32));
      AppendText(line, "span_id", trace.substr(36, 16));
    } else {
      AppendText(line, "trace_id", trace);
    }
    AppendText(line, "method", first_set(&Scope::method_));
  }
};

namespace {

void Write(Level level, std::string_view msg, std::initializer_list<Field> fields) {
  if (level < g_level.load(std::memory_order_relaxed)) {
    return;
  }
  std::string line;
  line.reserve(256);
  line += "{\"ts\":\"";
  line += FormatTime(SystemClock().Now());
  line += "\",\"level\":\"";
  line += NameOf(level);
  line += "\",\"service\":";
  AppendJsonString(line, ServiceName());
  line += ",\"msg\":";
  AppendJsonString(line, msg);
  ScopeAccess::Append(line, t_scope);
  for (const Field& field : fields) {
    line += ',';
    AppendJsonString(line, field.key);
    line += ':';
    std::visit(ValueWriter{line}, field.value);
  }
  line += "}\n";
  WriteLine(line);
}

}  // namespace

void Init(std::string_view service, Level level) {
  ServiceName() = service;
  SetLevel(level);
}
void SetLevel(Level level) { g_level.store(level, std::memory_order_relaxed); }
Level GetLevel() { return g_level.load(std::memory_order_relaxed); }

void Debug(std::string_view msg, std::initializer_list<Field> fields) {
  Write(Level::kDebug, msg, fields);
}
void Info(std::string_view msg, std::initializer_list<Field> fields) {
  Write(Level::kInfo, msg, fields);
}
void Warning(std::string_view msg, std::initializer_list<Field> fields) {
  Write(Level::kWarning, msg, fields);
}
void Error(std::string_view msg, std::initializer_list<Field> fields) {
  Write(Level::kError, msg, fields);
}

Scope::Scope(std::string_view request_id, std::string_view trace_id, std::string_view method)
    : request_id_(request_id), trace_id_(trace_id), method_(method), outer_(t_scope) {
  t_scope = this;
}
Scope::~Scope() { t_scope = outer_; }

}  // namespace steward::log
