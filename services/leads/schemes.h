#pragma once
// Tier schemes from a file: ListTierSchemesResponse in protobuf's text form.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/leads/domain/tier.h"

namespace steward::leads {

// INVALID_ARGUMENT with line and column, or with what is wrong about the schemes.
absl::StatusOr<TierSchemes> ParseTierSchemes(std::string_view text);
// An empty file name means the shipped schemes.
absl::StatusOr<TierSchemes> LoadTierSchemes(const std::string& file);

}  // namespace steward::leads
