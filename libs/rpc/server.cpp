#include "libs/rpc/server.h"

#include <algorithm>
#include <deque>
#include <map>
#include <thread>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/impl/server_builder_option.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "libs/base/status.h"
#include "libs/log/log.h"
#include "libs/rpc/control_calls.h"
#include "libs/rpc/credentials.h"
#include "libs/rpc/health_watch.h"
#include "libs/rpc/probe.h"
#include "libs/rpc/process.h"
#include "libs/rpc/unary_call.h"
#include "libs/runtime/lifecycle.h"

namespace steward::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr int kReceiveBytes = 4 << 20;
constexpr int kHeaderBytes = 8 << 10;
constexpr size_t kMemoryQuotaBytes = 256u << 20;
constexpr int kWaitingCalls = 32;
constexpr int kControlCalls = 4;

// Linking the reflection library adds its plugin to every server of the process; this takes it away
// again. Where it is wanted the descriptors of the health service must be linked too, or tools that
// list methods fail for the whole server. Its own descriptors the library brings along: a second
// copy of them would end the process at its start.
class ReflectionOption final : public grpc::ServerBuilderOption {
 public:
  explicit ReflectionOption(bool on) : on_(on) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->clear();
    if (on_) {
      grpc::health::v1::HealthCheckRequest::descriptor();
      plugins->push_back(std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>());
    }
  }

 private:
  bool on_;
};

// By the text alone: a name such as `127.example.org` could mean any machine.
bool IsLoopback(std::string_view address) {
  if (address.substr(0, 5) == "unix:") {
    return true;
  }
  std::string_view host = address.substr(0, address.rfind(':'));
  bool numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "[::1]" || (numeric && host.substr(0, 4) == "127.");
}

// Where the own port is reached from inside.
std::string OwnTarget(std::string_view address, int port) {
  if (address.substr(0, 5) == "unix:") {
    return std::string(address);
  }
  std::string host(address.substr(0, address.rfind(':')));
  bool any = host == "0.0.0.0" || host == "[::]" || host.empty() || host == "*";
  return (any ? "127.0.0.1" : host) + ":" + std::to_string(port);
}

std::string FullName(const MethodDescriptor* method) {
  return "/" + method->service()->full_name() + "/" + method->name();
}

const MethodDescriptor* FindMethod(const std::string& name) {
  std::string dotted = name.substr(std::min<size_t>(1, name.size()));
  std::replace(dotted.begin(), dotted.end(), '/', '.');
  return DescriptorPool::generated_pool()->FindMethodByName(dotted);
}

absl::Status Unsafe(std::string_view text) {
  return Refuse(absl::StatusCode::kFailedPrecondition, text, {.reason = "UNSAFE_PROFILE"});
}

absl::Status Precondition(const std::string& text) {
  return absl::FailedPreconditionError(ToAbsl(text));
}

}  // namespace

struct Server::Impl {
  Impl(ServerOptions o, Guard& guard, metrics::Registry& r, const Clock& clock)
      : options(std::move(o)),
        registry(r),
        core{options.service, false, guard, clock, ServerMetrics(r, options.workers),
             nullptr,         {},    {}} {}

  absl::Status CheckProfile();
  absl::Status CheckMethods();
  void Register(grpc::ServerBuilder& builder);
  void SetLimits(grpc::ServerBuilder& builder) const;
  void PostAll();
  void Poll(grpc::ServerCompletionQueue* queue, int index);
  void Stop(Duration drain);
  TlsFiles tls() const {
    return {options.tls_certificate_file, options.tls_key_file, options.tls_ca_file};
  }

  ServerOptions options;
  metrics::Registry& registry;
  ServerCore core;
  std::deque<Method> methods;  // calls keep references
  std::map<std::string, RawService> services;
  RawService health_service;
  std::unique_ptr<HealthCall::Shared> health;
  HealthWatches watches;
  std::unique_ptr<HealthWatch::Shared> watch;
  grpc::AsyncGenericService unknown;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  std::unique_ptr<grpc::Server> server;
  std::vector<std::thread> pollers;
  std::unique_ptr<SelfProbe> probe;
  int port = 0;
};

Server::Server(ServerOptions options, Guard& guard, metrics::Registry& registry, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), guard, registry, clock)) {}

Server::~Server() { Stop(Duration{0}); }

void Server::AddRaw(std::string_view method, const google::protobuf::Message& request,
                    const google::protobuf::Message& response, Handler handler) {
  size_t slash = method.rfind('/');
  std::string_view service = method.substr(1, slash - 1);
  const auto* request_id = request.GetDescriptor()->FindFieldByName("request_id");
  if (request_id != nullptr &&
      (request_id->type() != google::protobuf::FieldDescriptor::TYPE_STRING ||
       request_id->is_repeated())) {
    request_id = nullptr;
  }
  impl_->methods.push_back(
      Method{std::string(method), &request, &response, std::move(handler), request_id,
             MethodMetrics(impl_->registry, service, method.substr(slash + 1))});
}

absl::Status Server::Start() {
  Impl& impl = *impl_;
  PrepareProcess();
  RETURN_IF_ERROR(impl.CheckProfile());
  RETURN_IF_ERROR(impl.CheckMethods());
  impl.core.plaintext = impl.tls().empty();
  grpc::ServerBuilder builder;
  builder.SetOption(std::make_unique<ReflectionOption>(impl.options.reflection));
  impl.SetLimits(builder);
  impl.Register(builder);
  builder.AddListeningPort(impl.options.address, ServerCredentialsFor(impl.tls()), &impl.port);
  int pollers = std::max(1, impl.options.pollers);
  for (int i = 0; i < (pollers + 1) / 2; ++i) {
    impl.queues.push_back(builder.AddCompletionQueue());
  }
  impl.core.pool =
      std::make_unique<runtime::WorkerPool>("rpc", impl.options.workers, impl.options.queue_limit);
  impl.server = builder.BuildAndStart();
  if (impl.server == nullptr || impl.port == 0) {
    impl.Stop(Duration{0});
    return Precondition("cannot listen on " + impl.options.address + "; is the port taken?");
  }
  impl.PostAll();
  for (int i = 0; i < pollers; ++i) {
    grpc::ServerCompletionQueue* queue = impl.queues[static_cast<size_t>(i / 2)].get();
    impl.pollers.emplace_back([this, queue, i] { impl_->Poll(queue, i); });
  }
  if (impl.options.self_probe) {
    impl.probe = std::make_unique<SelfProbe>(
        OwnTarget(impl.options.address, impl.port),
        ChannelCredentialsFor(impl.tls(), /*check_host=*/false), impl.options.probe_interval);
  }
  log::Info(
      "listening",
      {{"address", impl.options.address}, {"port", impl.port}, {"tls", !impl.core.plaintext}});
  return absl::OkStatus();
}

int Server::port() const { return impl_->port; }

void Server::SetServing(bool serving) {
  if (impl_->core.serving.exchange(serving) != serving) {
    impl_->watches.Changed();
  }
}

void Server::Stop(Duration drain) { impl_->Stop(drain); }

absl::Status Server::Impl::CheckProfile() {
  bool loopback = IsLoopback(options.address);
  if (options.development && !loopback) {
    return Unsafe("the development profile listens on loopback only, not on " + options.address);
  }
  if (options.reflection && !options.development) {
    return Unsafe("reflection is for the development profile only: it answers without identity");
  }
  if (tls().empty()) {
    return options.development
               ? absl::OkStatus()
               : Unsafe("certificate, key and CA are required outside the development profile");
  }
  std::string fault = tls().Fault();
  return fault.empty() ? absl::OkStatus() : Precondition("mutual TLS: " + fault);
}

// Every method of every service that has one handler must have a handler and a policy, with the
// types of the schema.
absl::Status Server::Impl::CheckMethods() {
  std::map<std::string, Method*> added;
  std::map<std::string, const ServiceDescriptor*> known;
  std::string faults;
  auto fault = [&faults](const std::string& text) {
    faults += (faults.empty() ? "" : "\n") + text;
  };
  for (Method& method : methods) {
    const MethodDescriptor* descriptor = FindMethod(method.name);
    method.policy = core.guard.PolicyOf(method.name);
    if (descriptor == nullptr || FullName(descriptor) != method.name ||
        descriptor->client_streaming() || descriptor->server_streaming()) {
      fault(method.name + ": no such unary method");
    } else if (descriptor->input_type() != method.request->GetDescriptor() ||
               descriptor->output_type() != method.response->GetDescriptor()) {
      fault(method.name + ": handler with other messages than the schema's");
    } else if (!added.emplace(method.name, &method).second) {
      fault(method.name + ": two handlers");
    } else if (method.policy == nullptr) {
      fault(method.name + ": no line in the policy");
    } else {
      known[descriptor->service()->full_name()] = descriptor->service();
    }
  }
  for (const auto& [name, service] : known) {
    for (int i = 0; i < service->method_count(); ++i) {
      if (!added.contains(FullName(service->method(i)))) {
        fault(FullName(service->method(i)) + ": no handler");
      }
    }
  }
  return faults.empty() ? absl::OkStatus() : Precondition(faults);
}

void Server::Impl::Register(grpc::ServerBuilder& builder) {
  std::set<std::string> names = {"", "grpc.health.v1.Health"};
  for (Method& method : methods) {
    std::string service = method.name.substr(1, method.name.rfind('/') - 1);
    method.service = &services[service];
    method.index = method.service->AddUnary(method.name);
    names.insert(service);
  }
  health = std::make_unique<HealthCall::Shared>(HealthCall::Shared{
      core, health_service, health_service.AddUnary(kHealthCheck), std::move(names)});
  watch = std::make_unique<HealthWatch::Shared>(HealthWatch::Shared{
      core, health_service, health_service.AddStream(kHealthWatch), health->names, watches});
  for (auto& [name, service] : services) {
    builder.RegisterService(&service);
  }
  builder.RegisterService(&health_service);
  builder.RegisterAsyncGenericService(&unknown);
}

void Server::Impl::SetLimits(grpc::ServerBuilder& builder) const {
  builder.SetMaxReceiveMessageSize(kReceiveBytes);
  // Decompression comes before the size check: half a megabyte of gzip may become 570 MB.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetResourceQuota(grpc::ResourceQuota("steward").Resize(kMemoryQuotaBytes));
  // Without this a second process takes the same port unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 100);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kHeaderBytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 300'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, options.max_connection_age_ms);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
}

void Server::Impl::PostAll() {
  int per_method = std::max(kWaitingCalls, 2 * options.workers) / static_cast<int>(queues.size());
  for (const auto& queue : queues) {
    for (const Method& method : methods) {
      for (int i = 0; i < per_method; ++i) {
        UnaryCall::Post(core, method, queue.get());
      }
    }
    for (int i = 0; i < kControlCalls; ++i) {
      HealthCall::Post(*health, queue.get());
      HealthWatch::Post(*watch, queue.get());
      UnknownCall::Post(core, unknown, queue.get());
    }
  }
}

void Server::Impl::Poll(grpc::ServerCompletionQueue* queue, int index) {
  runtime::NameThread("rpc-poll-" + std::to_string(index));
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) {
    static_cast<Event*>(tag)->Happened(ok);
  }
}

void Server::Impl::Stop(Duration drain) {
  core.serving = false;
  watches.Close();  // they would hold up the drain to its end
  probe.reset();
  if (server != nullptr) {
    server->Shutdown(std::chrono::system_clock::now() + std::chrono::microseconds(drain.micros));
    // A queue may be shut down only when no call can use it any more. A handler that does not end
    // holds this up; the process' hard exit timer stands behind it.
    while (!core.calls.AwaitZero(Seconds(5))) {
      log::Warning("still waiting for running calls", {{"busy", core.pool->busy()}});
    }
  }
  if (core.pool != nullptr) {
    core.pool->Stop();
  }
  for (auto& queue : queues) {
    queue->Shutdown();
  }
  for (std::thread& poller : pollers) {
    poller.join();
  }
  if (pollers.empty()) {
    for (auto& queue : queues) {
      void* tag = nullptr;
      bool ok = false;
      while (queue->Next(&tag, &ok)) {
      }
    }
  }
  pollers.clear();
  server.reset();
  queues.clear();
}

}  // namespace steward::rpc
