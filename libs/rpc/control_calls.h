#pragma once
// Calls that a poller answers itself: grpc.health.v1.Health/Check, and methods nobody serves.
// Internal to the library.

#include <set>
#include <string>
#include <string_view>

#include "grpcpp/generic/async_generic_service.h"
#include "libs/rpc/raw_service.h"
#include "libs/rpc/unary_call.h"

namespace steward::rpc {

// As the wire has it, with google.rpc details.
grpc::Status ToGrpc(const absl::Status& status, std::string_view service);

inline constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";

// SERVING or NOT_SERVING for "" and every service, NOT_FOUND for others. No identity: probes have
// none.
class HealthCall final : public Event {
 public:
  struct Shared {
    ServerCore& core;
    RawService& service;
    int index;
    std::set<std::string> names;  // services that are known, "" among them
  };
  static void Post(const Shared& shared, grpc::ServerCompletionQueue* queue);
  ~HealthCall() override { shared_.core.calls.Remove(); }
  void Happened(bool ok) override;

 private:
  HealthCall(const Shared& shared, grpc::ServerCompletionQueue* queue);
  const Shared& shared_;
  grpc::ServerCompletionQueue* queue_;
  grpc::ServerContext context_;
  RawResponder responder_;
  grpc::ByteBuffer request_, response_;
  bool answered_ = false;
};

// UNIMPLEMENTED with reason METHOD_UNKNOWN. Without it such a call would hang until its deadline.
class UnknownCall final : public Event {
 public:
  static void Post(ServerCore& core, grpc::AsyncGenericService& service,
                   grpc::ServerCompletionQueue* queue);
  ~UnknownCall() override { core_.calls.Remove(); }
  void Happened(bool ok) override;

 private:
  UnknownCall(ServerCore& core, grpc::AsyncGenericService& service,
              grpc::ServerCompletionQueue* queue);
  ServerCore& core_;
  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue* queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_;
  bool answered_ = false;
};

}  // namespace steward::rpc
