#pragma once
// stewardctl demo replay.

#include "absl/status/status.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {

// Fails when a row could not be read or a ticket was refused; the others are registered all the same.
absl::Status Replay(Session& session, const Args& args);

}  // namespace stewardctl
