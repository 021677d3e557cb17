#pragma once
// How a command ends: its exit code, and what people read about a failure.

#include <string>

#include "absl/status/status.h"

namespace stewardctl {

inline constexpr int kOk = 0;
inline constexpr int kError = 1;
inline constexpr int kUsage = 2;
inline constexpr int kNotFound = 3;
inline constexpr int kConflict = 4;  // precondition, version or existing name
inline constexpr int kUnavailable = 5;
inline constexpr int kDeadline = 124;

int ExitCode(const absl::Status& status);
// Message, reason with its metadata, and each field at fault, one a line.
std::string Explain(const absl::Status& status);

}  // namespace stewardctl
