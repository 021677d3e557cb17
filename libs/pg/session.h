#pragma once
// Time limits of a session, set at connect, and how one transaction overrides them. Private to libs/pg.

#include "libs/pg/pipeline.h"

namespace steward::pg::internal {

inline constexpr Duration kSessionStatementTimeout = Seconds(5);
inline constexpr Duration kSessionLockTimeout = Seconds(2);
// How much longer than the server's own limit a client waits for the answer.
inline constexpr Duration kGrace = Seconds(2);

// Limits for the current transaction; a statement of its own, so it is sent only when the session's do not fit.
Command SetTimeouts(Duration statement, Duration lock);

}  // namespace steward::pg::internal
