#pragma once
// JSON lines on stderr: ts level service msg, the request's request_id trace_id span_id method, then fields.
// No payloads, no personal data. An error is logged once, where it is handled.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace steward::log {

enum class Level { kDebug, kInfo, kWarning, kError };

using Value = std::variant<std::string_view, int64_t, double, bool>;
struct Field {
  std::string_view key;
  Value value;
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, int64_t v) : key(k), value(v) {}
  Field(std::string_view k, int v) : key(k), value(int64_t{v}) {}
  Field(std::string_view k, size_t v) : key(k), value(static_cast<int64_t>(v)) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
};

// Once, before any thread logs.
void Init(std::string_view service, Level level);
void SetLevel(Level level);
Level GetLevel();

void Debug(std::string_view msg, std::initializer_list<Field> fields = {});
void Info(std::string_view msg, std::initializer_list<Field> fields = {});
void Warning(std::string_view msg, std::initializer_list<Field> fields = {});
void Error(std::string_view msg, std::initializer_list<Field> fields = {});

// Fields of the request or batch this thread works on; put into every line until destroyed. Nests.
class Scope {
 public:
  Scope(std::string_view request_id, std::string_view trace_id, std::string_view method);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  std::string request_id_, trace_id_, method_;
  const Scope* outer_;
  friend struct ScopeAccess;
};

}  // namespace steward::log
