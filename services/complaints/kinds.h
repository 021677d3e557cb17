#pragma once
// The kind file: a `steward.complaints.v1.ListTicketKindsResponse` in protobuf's text form, so
// that its schema is the API's.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/complaints/domain/kind_tree.h"

namespace steward::complaints {

// INVALID_ARGUMENT names line and fault.
absl::StatusOr<KindTree> ParseKinds(std::string_view text);
// From a file, or the shipped ones for an empty path.
absl::StatusOr<KindTree> LoadKinds(const std::string& file);

}  // namespace steward::complaints
