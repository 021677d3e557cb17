#pragma once
// What the development profile may bind and connect to.

#include <string_view>

namespace steward::service {

// `host`, `host:port`, `[v6]:port`, `dns:///host:port`, `unix:/path` or a socket's path: true for 127.0.0.0/8, ::1,
// `localhost` and Unix sockets. A name that merely begins like one is not.
bool IsLoopback(std::string_view address);
// The same for a comma separated list; an empty one names nothing beyond loopback.
bool AllLoopback(std::string_view addresses);

}  // namespace steward::service
