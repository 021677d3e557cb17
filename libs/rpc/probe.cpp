#include "libs/rpc/probe.h"

#include <unistd.h>

#include <chrono>

#include "grpc/health/v1/health.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/rpc_method.h"
#include "libs/log/log.h"
#include "libs/rpc/control_calls.h"
#include "libs/runtime/lifecycle.h"

namespace steward::rpc {
namespace {

constexpr int kFailuresThatEnd = 3;
constexpr auto kProbeLimit = std::chrono::seconds(2);

}  // namespace

SelfProbe::SelfProbe(std::string target, std::shared_ptr<grpc::ChannelCredentials> credentials,
                     Duration interval)
    : target_(std::move(target)),
      credentials_(std::move(credentials)),
      interval_(interval),
      thread_([this] { Loop(); }) {}

void SelfProbe::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool SelfProbe::Probe(const std::string& target,
                      const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  std::shared_ptr<grpc::Channel> channel =
      grpc::CreateCustomChannel(target, credentials, arguments);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kProbeLimit);
  grpc::health::v1::HealthCheckRequest request;
  grpc::health::v1::HealthCheckResponse response;
  grpc::internal::RpcMethod method(kHealthCheck, grpc::internal::RpcMethod::NORMAL_RPC);
  return grpc::internal::BlockingUnaryCall(channel.get(), method, &context, request, &response)
      .ok();
}

void SelfProbe::Loop() {
  runtime::NameThread("rpc-probe");
  int failures = 0;
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, std::chrono::microseconds(interval_.micros),
                         [this] { return stopping_; })) {
    lock.unlock();
    failures = Probe(target_, credentials_) ? 0 : failures + 1;
    lock.lock();
    if (failures > 0) {
      log::Warning("own port does not answer", {{"failures", failures}});
    }
    if (failures >= kFailuresThatEnd && !stopping_) {
      log::Error("own port takes no new connections; ending the process", {{"target", target_}});
      _exit(runtime::kExitSelfProbe);
    }
  }
}

}  // namespace steward::rpc
