#pragma once
// gRPC and protobuf write to stderr by themselves; after this their lines are JSON lines like all others. Internal to
// the library.

namespace steward::rpc {

void BridgeLogs();  // once per process, however often it is called

}  // namespace steward::rpc
