#pragma once
// A rule pack as a file: `pack`, `display_names`, `source`, `enabled_by_default`, `policies`.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "steward/sla/v1/sla.pb.h"

namespace stewardctl {

struct Pack {
  std::string name;
  bool enabled_by_default = false;
  std::vector<steward::sla::v1::Policy> policies;
};
// INVALID_ARGUMENT names an unknown key, and of a policy its place and the field that is not known.
absl::StatusOr<Pack> ParsePack(const std::string& yaml);
absl::StatusOr<Pack> ReadPackFile(const std::string& file);

}  // namespace stewardctl
