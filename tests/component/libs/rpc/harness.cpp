#include "tests/component/libs/rpc/harness.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/rpc_method.h"
#include "libs/base/status.h"

// The resolver that gRPC uses for `localhost` keeps ten bytes of each lookup.
extern "C" const char* __lsan_default_suppressions() { return "leak:libcares"; }

namespace steward::rpc {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "steward-rpc-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TempFolder::~TempFolder() { std::filesystem::remove_all(path_); }

std::string TempFolder::Write(std::string_view name, std::string_view text) const {
  std::string path = Path(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::optional<Members::Who> FakeMembers::Find(std::string_view subject, Time) const {
  auto it = grants.find(subject);
  return it == grants.end() ? std::nullopt : std::optional<Who>(Who{it->first, it->second});
}

Reach FakeMembers::ReachOf(std::string_view member, Scope scope, Time) const {
  return Reach{scope == Scope::kAll, {std::string(member)}, {}};
}

void Gate::Wait() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.notify_all();
  changed_.wait_for(lock, std::chrono::seconds(20), [this] { return open_; });
  --waiting_;
}

void Gate::Open() {
  std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

bool Gate::AwaitWaiting(int count, Duration limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::microseconds(limit.micros),
                           [&] { return waiting_ >= count; });
}

Harness::Harness() : key(GenerateSigningKey().value()) {
  options.service = "operations";
  options.development = true;
  options.workers = 4;
  options.queue_limit = 64;
  options.self_probe = false;
  const auto* service = ops::GetVersionRequest::descriptor()->file()->service(0);
  for (int i = 0; i < service->method_count(); ++i) {
    MethodPolicy line{.peers = {"stewardctl"}, .grants = {"operator"}};
    line.rate_per_second = 1e6;
    line.burst = 1e6;
    policy[OpsMethod(service->method(i)->name())] = line;
  }
}

Harness::~Harness() {
  gate.Open();
  server.reset();
}

void Harness::Add(const google::protobuf::MethodDescriptor& method) {
  auto own = handlers.find(method.name());
  bool waits = method.name() == "GetStatus";
  Server::Handler handler = [this, waits](Call& call, const google::protobuf::Message&,
                                          google::protobuf::Message* out) {
    if (waits) {
      gate.Wait();
    }
    return Default(call, out);
  };
  if (own != handlers.end()) {
    handler = own->second;
  }
  auto* messages = google::protobuf::MessageFactory::generated_factory();
  server->AddRaw(OpsMethod(method.name()), *messages->GetPrototype(method.input_type()),
                 *messages->GetPrototype(method.output_type()),
                 [this, handler](Call& call, const google::protobuf::Message& in,
                                 google::protobuf::Message* out) {
                   ++entered;
                   return handler(call, in, out);
                 });
}

absl::Status Harness::Default(Call& call, google::protobuf::Message* response) {
  if (auto* version = dynamic_cast<ops::Version*>(response)) {
    version->set_service(call.caller);
    version->set_version(call.correlation);
  }
  return absl::OkStatus();
}

absl::Status Harness::Start() {
  TokenOptions token{.jwks_file = folder.Write("jwks.json", key.jwks_json), .issuer = "dev-only"};
  token.production = false;
  ASSIGN_OR_RETURN(verifier, TokenVerifier::Create(token));
  guard = std::make_unique<Guard>(policy, *verifier, members, "");
  server = std::make_unique<Server>(options, *guard, registry, clock);
  const auto* service = ops::GetVersionRequest::descriptor()->file()->service(0);
  for (int i = 0; i < service->method_count(); ++i) {
    Add(*service->method(i));
  }
  return server->Start();
}

std::string Harness::Token(std::string_view member, Duration life) const {
  TokenClaims claims{.subject = std::string(member), .issuer = "dev-only"};
  claims.key_id = key.key_id;
  claims.issued_at = clock.Now();
  claims.life = life;
  return MintToken(claims, key.private_key_pem).value();
}

std::unique_ptr<Client> Harness::ClientFor(std::string_view member) const {
  ClientOptions client_options;
  client_options.target = target();
  client_options.own_connection = true;
  auto client = std::make_unique<Client>(client_options);
  client->SetToken(Token(member));
  return client;
}

double Harness::Metric(std::string_view series) {
  std::istringstream lines(registry.Text());
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > series.size() && line.compare(0, series.size(), series) == 0 &&
        line[series.size()] == ' ') {
      return std::stod(line.substr(series.size() + 1));
    }
  }
  return -1;
}

std::shared_ptr<grpc::Channel> PlainChannel(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

RawAnswer CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                  std::string_view body, const std::multimap<std::string, std::string>& metadata,
                  Duration timeout, bool gzip) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::microseconds(timeout.micros));
  if (gzip) {
    context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  }
  for (const auto& [name, value] : metadata) {
    context.AddMetadata(name, value);
  }
  grpc::Slice slice(body.data(), body.size());
  grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::internal::RpcMethod rpc(method.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::Status status =
      grpc::internal::BlockingUnaryCall(channel.get(), rpc, &context, request, &response);
  RawAnswer answer{status.error_code(), status.error_message(), status.error_details(), ""};
  std::vector<grpc::Slice> slices;
  if (status.ok() && response.Dump(&slices).ok()) {
    for (const grpc::Slice& part : slices) {
      answer.body.append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
  }
  return answer;
}

}  // namespace steward::rpc
