#pragma once
// Refusals and failures. Above the libraries' own wrappers there are no exceptions, only absl::Status.
// A status that a caller of an RPC will see carries a Refusal: a stable reason in UPPER_SNAKE, the values
// of its text as metadata, and the fields at fault. `libs/rpc` turns it into google.rpc details.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace steward {

// abseil on Debian 12 is built with its own string_view; these two are the only places that convert.
inline absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view FromAbsl(absl::string_view s) { return {s.data(), s.size()}; }

struct FieldViolation {
  std::string field;        // path as in the request, for example `ticket.kind`
  std::string description;  // what is wrong and how to mend it
  friend bool operator==(const FieldViolation&, const FieldViolation&) = default;
};

struct Refusal {
  std::string reason;  // UPPER_SNAKE, at most 63 characters
  std::vector<std::pair<std::string, std::string>> metadata = {};  // keys ^[a-z][a-zA-Z0-9-_]+$
  std::vector<FieldViolation> fields = {};                         // becomes BadRequest
  std::optional<int64_t> retry_after_ms = {};                      // becomes RetryInfo
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// A status with a Refusal attached. `code` must not be OK.
[[nodiscard]] absl::Status Refuse(absl::StatusCode code, std::string_view message, Refusal refusal);
// The Refusal of a status, if it has one.
[[nodiscard]] std::optional<Refusal> RefusalOf(const absl::Status& status);
// The reason of a status' Refusal, or "".
[[nodiscard]] std::string ReasonOf(const absl::Status& status);

// INVALID_ARGUMENT, reason FIELD_INVALID, one field. The message is `<field>: <description>`.
[[nodiscard]] absl::Status FieldInvalid(std::string_view field, std::string_view description);
// The same for several fields at once; `fields` must not be empty.
[[nodiscard]] absl::Status FieldsInvalid(std::vector<FieldViolation> fields);
// NOT_FOUND, reason NOT_FOUND, metadata `name`. Also what an object out of reach answers: the same bytes.
[[nodiscard]] absl::Status NotFound(std::string_view name);
// ABORTED, reason ETAG_MISMATCH, metadata `name` and `etag` (the current one).
[[nodiscard]] absl::Status EtagMismatch(std::string_view name, std::string_view current_etag);
// FAILED_PRECONDITION, reason ILLEGAL_TRANSITION, metadata `from`, `action`, `allowed` (comma separated).
[[nodiscard]] absl::Status IllegalTransition(std::string_view from, std::string_view action,
                                             std::string_view allowed);

}  // namespace steward

#define STEWARD_CONCAT_INNER(a, b) a##b
#define STEWARD_CONCAT(a, b) STEWARD_CONCAT_INNER(a, b)

// Returns from the enclosing function when the expression is not OK.
#define RETURN_IF_ERROR(expr)                                       \
  do {                                                              \
    if (absl::Status status_macro_ = (expr); !status_macro_.ok()) { \
      return status_macro_;                                         \
    }                                                               \
  } while (false)

// ASSIGN_OR_RETURN(auto x, F()): x is the value, or the enclosing function returns the status.
#define ASSIGN_OR_RETURN(lhs, expr) \
  STEWARD_ASSIGN_OR_RETURN_IMPL(STEWARD_CONCAT(status_or_, __LINE__), lhs, expr)
#define STEWARD_ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr) \
  auto tmp = (expr);                                  \
  if (!tmp.ok()) {                                    \
    return tmp.status();                              \
  }                                                   \
  lhs = std::move(tmp).value()
