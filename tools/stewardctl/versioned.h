#pragma once
// Versioned resources (policies, calendars) as files: comparing what is stored with what a file says, and making it so.

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {

// The same for a client: fields that only the server sets do not count, nor does `effective_from`
// when the file leaves it out.
bool SameContent(const google::protobuf::Message& file, const google::protobuf::Message& stored);

struct ApplyOptions {
  bool activate = false;       // put it into force also when no version was
  bool validate_only = false;  // check alone, store nothing
};

// Creates the resource, makes its next version, or finds that nothing differs; says which. A new version of what is in
// force comes into force, for what begins from now on. `wanted` is a Policy or a Calendar: sla.GetPolicy,
// sla.CreatePolicy, sla.CreatePolicyVersion and sla.ActivatePolicy are called for a Policy.
absl::StatusOr<std::string> ApplyVersioned(Session& session,
                                           const google::protobuf::Message& wanted,
                                           const ApplyOptions& options);

}  // namespace stewardctl
