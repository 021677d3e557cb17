#include "libs/rpc/client.h"

#include <algorithm>
#include <chrono>
#include <mutex>

#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/rpc_method.h"
#include "libs/base/status.h"
#include "libs/rpc/credentials.h"
#include "libs/rpc/process.h"
#include "libs/rpc/trace.h"

namespace steward::rpc {
namespace {

using google::protobuf::MessageLite;

// Left to the caller for its own answer.
constexpr Duration kMargin = Milliseconds(20);
constexpr int kReceiveBytes = 16 << 20;

grpc::ChannelArguments ArgumentsFor(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetMaxReceiveMessageSize(kReceiveBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // only the outermost caller repeats
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, options.own_connection ? 1 : 0);
  return arguments;
}

}  // namespace

struct Client::Impl {
  std::shared_ptr<grpc::Channel> channel;
  std::mutex mutex;
  std::string authorization;  // guarded by mutex

  void Describe(grpc::ClientContext* context, const Call* call) {
    if (call == nullptr) {
      std::lock_guard lock(mutex);
      if (!authorization.empty()) {
        context->AddMetadata("authorization", authorization);
      }
      context->AddMetadata("traceparent", ContinueTrace("").traceparent);
      return;
    }
    if (!call->authorization.empty()) {
      context->AddMetadata("authorization", call->authorization);
    }
    context->AddMetadata("traceparent", call->traceparent.empty() ? ContinueTrace("").traceparent
                                                                  : call->traceparent);
    if (!call->correlation.empty()) {
      context->AddMetadata("x-correlation-id", call->correlation);
    }
  }
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>()) {
  PrepareProcess();
  TlsFiles files{options.tls_certificate_file, options.tls_key_file, options.tls_ca_file};
  impl_->channel = grpc::CreateCustomChannel(
      options.target, ChannelCredentialsFor(files, /*check_host=*/true), ArgumentsFor(options));
}

Client::~Client() = default;

void Client::SetToken(std::string token) {
  std::lock_guard lock(impl_->mutex);
  impl_->authorization = token.empty() ? "" : "Bearer " + token;
}

absl::Status Client::Invoke(std::string_view method, const google::protobuf::Message& request,
                            google::protobuf::Message* response, Duration timeout,
                            const Call* call) {
  if (call != nullptr) {
    timeout = std::min(timeout, call->TimeLeft() - kMargin);
  }
  if (timeout <= Duration{0}) {
    return Refuse(absl::StatusCode::kDeadlineExceeded, "no time left for a call to another service",
                  {.reason = "DEADLINE_EXCEEDED"});
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::microseconds(timeout.micros));
  impl_->Describe(&context, call);
  const std::string name(method);
  grpc::internal::RpcMethod rpc(name.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::Status status = grpc::internal::BlockingUnaryCall<MessageLite, MessageLite>(
      impl_->channel.get(), rpc, &context, request, response);
  return FromWire(status.error_code(), status.error_message(), status.error_details());
}

}  // namespace steward::rpc
