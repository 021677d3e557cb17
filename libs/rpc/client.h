#pragma once
// Calls to other services: one channel per target, deadline = min(own, caller's) minus a margin, identity passed on.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "libs/base/time.h"
#include "libs/rpc/call.h"

namespace steward::rpc {

struct ClientOptions {
  std::string target;  // `127.0.0.1:7203` or `dns:///sla:7203`
  std::string tls_certificate_file, tls_key_file, tls_ca_file;  // all empty = plaintext
  bool own_connection = false;  // a connection that no other client shares (load generators)
};

// Thread-safe. The stub is generic, so that a caller needs no generated service header.
class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();
  // Blocking. With `call`: its authorization, traceparent, correlation and what is left of its deadline.
  // The status carries the server's reason and field violations as a Refusal.
  [[nodiscard]] absl::Status Invoke(std::string_view method,
                                    const google::protobuf::Message& request,
                                    google::protobuf::Message* response, Duration timeout,
                                    const Call* call = nullptr);
  // For tools: the token for calls without `call`.
  void SetToken(std::string token);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// absl::Status (with Refusal) to code, message and serialised google.rpc.Status, and back. `service` = ErrorInfo domain.
struct WireStatus {
  int code;
  std::string message;
  std::string details;  // bytes for `grpc-status-details-bin`
};
WireStatus ToWire(const absl::Status& status, std::string_view service);
absl::Status FromWire(int code, std::string_view message, std::string_view details);

}  // namespace steward::rpc
