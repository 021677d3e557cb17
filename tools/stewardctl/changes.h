#pragma once
// Following a service's journal: what is new, in order, each once.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "steward/operations/v1/operations_service.pb.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {

struct Follow {
  std::string service;
  std::string aggregate;                   // empty = all
  std::vector<std::string> type_prefixes;  // empty = all
  bool from_end = true;
  bool once = false;  // up to what is there now, then end
};
// Calls `show` for each change. Goes on after a lost connection, and says so once. Ends when the
// output is gone, and with the first error that waiting does not mend.
[[nodiscard]] absl::Status FollowChanges(
    Session& session, const Follow& follow,
    const std::function<void(const steward::operations::v1::Change&)>& show);

// One line for people, or one JSON object with the payload decoded.
std::string ChangeLine(const std::string& service, const steward::operations::v1::Change& change,
                       bool json);

}  // namespace stewardctl
