#include "libs/rpc/control_calls.h"

#include "grpc/health/v1/health.pb.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/proto_buffer_writer.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/log/log.h"
#include "libs/rpc/client.h"

namespace steward::rpc {
namespace {

namespace health = grpc::health::v1;

}  // namespace

grpc::Status ToGrpc(const absl::Status& status, std::string_view service) {
  WireStatus wire = ToWire(status, service);
  return grpc::Status(static_cast<grpc::StatusCode>(wire.code), wire.message, wire.details);
}

void HealthCall::Post(const Shared& shared, grpc::ServerCompletionQueue* queue) {
  auto* call = new HealthCall(shared, queue);
  shared.service.Request(shared.index, &call->context_, &call->request_, &call->responder_, queue,
                         static_cast<Event*>(call));
}

HealthCall::HealthCall(const Shared& shared, grpc::ServerCompletionQueue* queue)
    : shared_(shared), queue_(queue), responder_(&context_) {
  shared_.core.calls.Add();
}

void HealthCall::Happened(bool ok) {
  if (answered_ || !ok) {
    delete this;
    return;
  }
  Post(shared_, queue_);
  answered_ = true;
  health::HealthCheckRequest request;
  grpc::ProtoBufferReader reader(&request_);
  if (!request.ParseFromZeroCopyStream(&reader) || !shared_.names.contains(request.service())) {
    responder_.FinishWithError(ToGrpc(NotFound("service"), shared_.core.service),
                               static_cast<Event*>(this));
    return;
  }
  health::HealthCheckResponse response;
  response.set_status(shared_.core.serving ? health::HealthCheckResponse::SERVING
                                           : health::HealthCheckResponse::NOT_SERVING);
  bool own = false;
  grpc::Status status =
      grpc::GenericSerialize<grpc::ProtoBufferWriter, health::HealthCheckResponse>(
          response, &response_, &own);
  responder_.Finish(response_, status, static_cast<Event*>(this));
}

void UnknownCall::Post(ServerCore& core, grpc::AsyncGenericService& service,
                       grpc::ServerCompletionQueue* queue) {
  auto* call = new UnknownCall(core, service, queue);
  service.RequestCall(&call->context_, &call->stream_, queue, queue, static_cast<Event*>(call));
}

UnknownCall::UnknownCall(ServerCore& core, grpc::AsyncGenericService& service,
                         grpc::ServerCompletionQueue* queue)
    : core_(core), service_(service), queue_(queue), stream_(&context_) {
  core_.calls.Add();
}

void UnknownCall::Happened(bool ok) {
  if (answered_ || !ok) {
    delete this;
    return;
  }
  Post(core_, service_, queue_);
  answered_ = true;
  log::Info("rpc", {{"code", "Unimplemented"}, {"reason", "METHOD_UNKNOWN"}});
  absl::Status status = Refuse(absl::StatusCode::kUnimplemented, "this server has no such method",
                               {.reason = "METHOD_UNKNOWN"});
  stream_.Finish(ToGrpc(status, core_.service), static_cast<Event*>(this));
}

}  // namespace steward::rpc
