#pragma once
// Time zones by their IANA name.

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace steward {

// FIELD_INVALID naming `field` for what is not an IANA name: the server's own zone, a path and a POSIX rule are refused.
absl::StatusOr<absl::TimeZone> LoadZone(std::string_view field, std::string_view name);

}  // namespace steward
