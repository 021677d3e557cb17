#pragma once
// Points where a test may make the process die, fail or wait. Compiled in, armed only by a test flag
// (setting `failpoints`, or Arm in a test). An unarmed point costs one relaxed atomic load.
//
// Names: tx.before_commit, rpc.after_commit_before_reply, relay.after_produce_before_cursor, consumer.before_commit,
// consumer.after_commit, consumer.park, watcher.after_fire_before_commit, watcher.after_lock, period.reckoned.

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/base/time.h"

namespace steward::runtime {

// `name=kill`, `name=error`, `name=wait`, each with an optional `@n` (from the n-th hit, once); several joined by `;`.
absl::Status ArmFailpoints(std::string_view spec);
void DisarmFailpoints();
// kill: _exit(137). error: UNAVAILABLE. wait: blocks until Release or 30 s.
[[nodiscard]] absl::Status Failpoint(std::string_view name);
// For tests: waits until a point in mode `wait` (or any armed one) was hit; false on timeout. Release lets it go on.
bool AwaitFailpoint(std::string_view name, Duration timeout);
void ReleaseFailpoint(std::string_view name);

}  // namespace steward::runtime
