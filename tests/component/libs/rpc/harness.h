#pragma once
// A server with the methods of steward.operations.v1 and two members, on a free port.

#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/byte_buffer.h"
#include "libs/base/clock.h"
#include "libs/metrics/registry.h"
#include "libs/rpc/client.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/server.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::rpc {

namespace ops = operations::v1;

inline std::string OpsMethod(std::string_view name) {
  return "/steward.operations.v1.OperationsService/" + std::string(name);
}

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  std::string Path(std::string_view name) const { return (path_ / name).string(); }
  std::string Write(std::string_view name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

class FakeMembers final : public Members {
 public:
  std::optional<Who> Find(std::string_view subject, Time now) const override;
  bool NoAdminYet() const override { return false; }
  Reach ReachOf(std::string_view member, Scope scope, Time now) const override;
  std::map<std::string, std::vector<std::string>, std::less<>> grants = {
      {"members/ann", {"operator"}}, {"members/bob", {"operator"}}, {"members/eve", {"agent"}}};
};

// Holds threads until opened; knows how many wait.
class Gate {
 public:
  void Wait();
  void Open();
  bool AwaitWaiting(int count, Duration limit);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

class Harness {
 public:
  Harness();
  ~Harness();
  // With all methods answering; `GetStatus` waits at `gate`, `GetVersion` answers who calls. Tests
  // may set handlers.
  absl::Status Start();
  std::string Token(std::string_view member, Duration life = Minutes(10)) const;
  std::unique_ptr<Client> ClientFor(std::string_view member) const;
  std::string target() const { return "127.0.0.1:" + std::to_string(server->port()); }
  // The value of a series, -1 when absent.
  double Metric(std::string_view series);

  TempFolder folder;
  SystemClock clock;
  metrics::Registry registry;
  GeneratedKey key;
  FakeMembers members;
  std::map<std::string, MethodPolicy> policy;
  ServerOptions options;
  std::map<std::string, Server::Handler> handlers;  // by short name, beats the default
  Gate gate;
  std::atomic<int> entered{0};  // handlers begun

  std::unique_ptr<TokenVerifier> verifier;
  std::unique_ptr<Guard> guard;
  std::unique_ptr<Server> server;

 private:
  void Add(const google::protobuf::MethodDescriptor& method);
  absl::Status Default(Call& call, google::protobuf::Message* response);
};

// A call with raw bytes.
struct RawAnswer {
  int code;
  std::string message, details, body;
};
RawAnswer CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                  std::string_view body, const std::multimap<std::string, std::string>& metadata,
                  Duration timeout = Seconds(5), bool gzip = false);
std::shared_ptr<grpc::Channel> PlainChannel(const std::string& target);

}  // namespace steward::rpc
