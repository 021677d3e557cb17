#pragma once
// Update masks (AIP-134): which fields of the request are taken.

#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace steward::rpc {

// Copies the fields that `mask` names from `source` to `target`, lists whole. An empty mask means
// every field that is set, `*` every field. Output-only and immutable fields and the name are left alone. An
// unknown path is INVALID_ARGUMENT.
[[nodiscard]] absl::Status ApplyMask(const google::protobuf::Message& source,
                                     const google::protobuf::FieldMask& mask,
                                     google::protobuf::Message* target);

}  // namespace steward::rpc
