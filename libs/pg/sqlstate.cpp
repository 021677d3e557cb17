#include <string>

#include "libs/base/status.h"
#include "libs/pg/connection.h"

namespace steward::pg {
namespace {

constexpr char kUniqueViolation[] = "UNIQUE_VIOLATION";
constexpr int64_t kRetrySoonMs = 100;
constexpr int64_t kRetryLaterMs = 1'000;

absl::Status Make(absl::StatusCode code, std::string_view reason, std::string_view sqlstate,
                  std::string_view message, std::string_view constraint,
                  std::optional<int64_t> retry_after_ms = std::nullopt) {
  Refusal refusal{std::string(reason), {}, {}, retry_after_ms};
  if (!constraint.empty()) {
    refusal.metadata.emplace_back("constraint", std::string(constraint));
  }
  std::string text(message);
  text.append(" [").append(sqlstate).append("]");
  return Refuse(code, text, std::move(refusal));
}

}  // namespace

absl::Status StatusFromSqlState(std::string_view sqlstate, std::string_view message,
                                std::string_view constraint) {
  using absl::StatusCode;
  const auto make = [&](StatusCode code, std::string_view reason,
                        std::optional<int64_t> retry_after_ms = std::nullopt) {
    return Make(code, reason, sqlstate, message, constraint, retry_after_ms);
  };
  const std::string_view group = sqlstate.substr(0, 2);
  // Codes of their own first, then groups.
  if (sqlstate == "23505") {
    return make(StatusCode::kAlreadyExists, kUniqueViolation);
  }
  if (sqlstate == "40001") {
    return make(StatusCode::kAborted, "SERIALIZATION_FAILURE", kRetrySoonMs);
  }
  if (sqlstate == "40P01") {
    return make(StatusCode::kAborted, "DEADLOCK", kRetrySoonMs);
  }
  if (sqlstate == "55P03") {  // lock_timeout: somebody else works on the same thing
    return make(StatusCode::kAborted, "LOCK_TIMEOUT", kRetrySoonMs);
  }
  if (sqlstate == "57014") {  // statement_timeout
    return make(StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT");
  }
  if (sqlstate == "25006") {  // a standby, or a primary that was demoted
    return make(StatusCode::kUnavailable, "DATABASE_READ_ONLY", kRetryLaterMs);
  }
  if (sqlstate == "26000" || (sqlstate == "0A000" && message.find("cached plan") != message.npos)) {
    // A prepared statement outlived a migration; the connection is replaced.
    return make(StatusCode::kUnavailable, "PLAN_OUTDATED", kRetrySoonMs);
  }
  if (group == "23") {  // other constraints: the same input would fail again
    return make(StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATION");
  }
  if (group == "22") {
    return make(StatusCode::kInvalidArgument, "DATA_INVALID");
  }
  if (group == "53") {  // out of lock slots, memory, disk or connections: passes
    return make(StatusCode::kResourceExhausted, "DATABASE_RESOURCES", kRetryLaterMs);
  }
  if (group == "08" || group == "57" || sqlstate == "25P03") {
    return make(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", kRetryLaterMs);
  }
  if (group == "28" || group == "3D") {
    return make(StatusCode::kUnavailable, "DATABASE_REFUSED_LOGIN");
  }
  if (group == "42") {
    return make(StatusCode::kInternal, "STATEMENT_INVALID");
  }
  return make(StatusCode::kInternal, "DATABASE_ERROR");
}

std::string ViolatedConstraint(const absl::Status& status) {
  const std::optional<Refusal> refusal = RefusalOf(status);
  if (!refusal || refusal->reason != kUniqueViolation) {
    return "";
  }
  for (const auto& [key, value] : refusal->metadata) {
    if (key == "constraint") {
      return value;
    }
  }
  return "";
}

}  // namespace steward::pg
