#pragma once
// What gRPC and protobuf need once per process. Internal to the library.

namespace steward::rpc {

// Their lines on stderr become JSON lines like all others; abseil's detection of lock cycles, which
// Debian's build has on and which costs gRPC a tenth of a call, is turned off. However often it is
// called.
void PrepareProcess();

}  // namespace steward::rpc
