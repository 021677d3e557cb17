#pragma once
// The gRPC server: completion queues inside, plain blocking handlers outside.
//
//   rpc::Server server(options, guard, registry, clock);
//   server.Add<pb::GetTicketRequest, pb::TicketDetail>("/steward.complaints.v1.ComplaintsService/GetTicket",
//       [&](rpc::Call& call, const pb::GetTicketRequest& request, pb::TicketDetail* response) { return api.GetTicket(call, request, response); });
//   RETURN_IF_ERROR(server.Start());
//
// Before a handler runs: identity and policy, rate, size, deadline (missing: 5 s, cap 30 s), field_behavior
// validation. A full queue answers RESOURCE_EXHAUSTED QUEUE_FULL at once; a deadline that passed in the queue
// answers DEADLINE_EXCEEDED DEADLINE_PASSED_IN_QUEUE.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "libs/base/clock.h"
#include "libs/metrics/registry.h"
#include "libs/rpc/call.h"
#include "libs/rpc/identity.h"

namespace steward::rpc {

struct ServerOptions {
  std::string service;  // `complaints`: domain of ErrorInfo is `complaints.steward`
  std::string address = "127.0.0.1:0";
  int workers = 8;
  int queue_limit = 24;  // 3 x workers
  int pollers = 1;
  bool reflection = false;  // development only
  // Mutual TLS; all empty = plaintext, which Start allows only when `development` and on loopback.
  std::string tls_certificate_file, tls_key_file, tls_ca_file;
  bool development = false;
  bool self_probe = true;
  Duration probe_interval = Seconds(5);
  int max_connection_age_ms = 300'000;
};

class Server {
 public:
  using Handler = std::function<absl::Status(Call&, const google::protobuf::Message&,
                                             google::protobuf::Message*)>;
  Server(ServerOptions options, Guard& guard, metrics::Registry& registry, const Clock& clock);
  ~Server();

  template <class Request, class Response, class F>
  void Add(std::string_view method, F handler) {
    AddRaw(method, Request::default_instance(), Response::default_instance(),
           [handler](Call& call, const google::protobuf::Message& request,
                     google::protobuf::Message* response) {
             return handler(call, static_cast<const Request&>(request),
                            static_cast<Response*>(response));
           });
  }
  void AddRaw(std::string_view method, const google::protobuf::Message& request,
              const google::protobuf::Message& response, Handler handler);

  // FAILED_PRECONDITION when a method of an added service has no handler or no policy, the port is taken, or
  // the profile is unsafe (reason UNSAFE_PROFILE: exit 78).
  [[nodiscard]] absl::Status Start();
  int port() const;
  // grpc.health.v1 for every service and ""; NOT_SERVING until the first SetServing(true).
  void SetServing(bool serving);
  // NOT_SERVING, then stops taking calls, lets running ones finish until the deadline, joins.
  void Stop(Duration drain);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::rpc
