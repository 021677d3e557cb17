#include "libs/rpc/process.h"

#include <mutex>
#include <string>

#include "absl/synchronization/mutex.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"
#include "libs/log/log.h"

namespace steward::rpc {
namespace {

// What gRPC calls an error is a peer that misbehaves or went away: worth a look, no fault of ours.
void FromGrpc(gpr_log_func_args* args) {
  auto write = args->severity == GPR_LOG_SEVERITY_ERROR ? log::Warning : log::Debug;
  write("grpc", {{"text", args->message}});
}

void FromProtobuf(google::protobuf::LogLevel level, const char*, int, const std::string& text) {
  // Text that is not UTF-8 is told to the caller; only what ends the process is an error.
  auto write = level == google::protobuf::LOGLEVEL_FATAL ? log::Error : log::Debug;
  write("protobuf", {{"text", text}});
}

}  // namespace

void PrepareProcess() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function(FromGrpc);
    google::protobuf::SetLogHandler(FromProtobuf);
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  });
}

}  // namespace steward::rpc
