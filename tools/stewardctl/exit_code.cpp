#include "tools/stewardctl/exit_code.h"

#include "libs/base/status.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {

int ExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kUsage;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
      return kConflict;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      return kUnavailable;
    case absl::StatusCode::kDeadlineExceeded:
      return kDeadline;
    default:
      return kError;
  }
}

std::string Explain(const absl::Status& status) {
  const steward::Refusal refusal = steward::RefusalOf(status).value_or(steward::Refusal{});
  std::string text = "error: " + Printable(std::string(status.message())) + "\n";
  if (!refusal.reason.empty()) {
    text += "  reason: " + refusal.reason + " (" + absl::StatusCodeToString(status.code()) + ")\n";
  } else {
    text += "  code: " + absl::StatusCodeToString(status.code()) + "\n";
  }
  for (const auto& [key, value] : refusal.metadata) {
    text += "  " + key + ": " + Printable(value) + "\n";
  }
  for (const steward::FieldViolation& violation : refusal.fields) {
    text += "  field " + violation.field + ": " + Printable(violation.description) + "\n";
  }
  if (refusal.retry_after_ms) {
    text += "  try again in " + std::to_string(*refusal.retry_after_ms) + " ms\n";
  }
  return text;
}

}  // namespace stewardctl
