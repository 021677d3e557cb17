#pragma once
// Checks that belong to every request, by descriptor: google.api.field_behavior REQUIRED, UTF-8 without NUL,
// length limits, known enum values, timestamps and durations in range. One INVALID_ARGUMENT names every field at fault.

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "libs/base/time.h"

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace steward::rpc {

[[nodiscard]] absl::Status Validate(const google::protobuf::Message& request);
// SHA-256 over the deterministic serialisation without `request_id` and unknown fields (ruling H11).
std::string RequestHash(const google::protobuf::Message& request);
std::string DeterministicBytes(const google::protobuf::Message& message);

google::protobuf::Timestamp ToProto(Time t);
Time FromProto(const google::protobuf::Timestamp& t);  // floors to microseconds
google::protobuf::Duration ToProto(Duration d);
Duration FromProto(const google::protobuf::Duration& d);

}  // namespace steward::rpc
