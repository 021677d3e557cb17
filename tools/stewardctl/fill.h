#pragma once
// Command-line arguments into a request, by reflection.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/base/time.h"
#include "tools/stewardctl/command.h"

namespace stewardctl {

// Fills the field of each argument that was given, and the `update_mask` of an update with what was
// given. INVALID_ARGUMENT names the option whose value does not fit.
[[nodiscard]] absl::Status FillRequest(const std::vector<Arg>& declared, const Args& given,
                                       steward::Time now, google::protobuf::Message* request);

// Sets `path` (`ticket.occurred_at`, `team.display_names[en]`) from text: numbers, enum names in
// any case with or without their prefix, times (RFC 3339, `now`, `-10m`), durations (`48h`), amounts (`12345.60CNY`), days
// (`2026-05-01`). A
// repeated field gets one more element (`member.roles.role` adds a role assignment).
[[nodiscard]] absl::Status SetField(std::string_view path, const std::string& text,
                                    steward::Time now, google::protobuf::Message* message);

// RFC 3339, `now`, or a span before or after now: `-10m`, `+2h`.
absl::StatusOr<steward::Time> ParseWhen(const std::string& text, steward::Time now);

}  // namespace stewardctl
