#include "libs/rpc/health_watch.h"

#include "grpc/health/v1/health.pb.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/proto_buffer_writer.h"
#include "libs/base/status.h"
#include "libs/rpc/control_calls.h"

namespace steward::rpc {
namespace {

namespace health = grpc::health::v1;

// Streams stay open and need no identity.
constexpr size_t kMaxWatches = 1'000;

grpc::ByteBuffer BytesOf(int state) {
  health::HealthCheckResponse response;
  response.set_status(static_cast<health::HealthCheckResponse::ServingStatus>(state));
  grpc::ByteBuffer bytes;
  bool own = false;
  (void)grpc::GenericSerialize<grpc::ProtoBufferWriter, health::HealthCheckResponse>(response,
                                                                                     &bytes, &own);
  return bytes;
}

}  // namespace

void HealthWatches::Changed() {
  const std::lock_guard lock(mutex_);
  for (HealthWatch* watch : open_) {
    watch->Step();
  }
}

void HealthWatches::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  Changed();
}

void HealthWatch::Post(const Shared& shared, grpc::ServerCompletionQueue* queue) {
  auto* watch = new HealthWatch(shared, queue);
  // The end is told only of calls that have arrived.
  watch->context_.AsyncNotifyWhenDone(static_cast<Event*>(&watch->ended_));
  shared.service.RequestStream(shared.index, &watch->context_, &watch->request_, &watch->writer_,
                               queue, static_cast<Event*>(&watch->arrived_));
}

HealthWatch::HealthWatch(const Shared& shared, grpc::ServerCompletionQueue* queue)
    : shared_(shared),
      queue_(queue),
      writer_(&context_),
      arrived_(this, &HealthWatch::Arrived),
      sent_(this, &HealthWatch::Sent),
      ended_(this, &HealthWatch::Ended) {
  shared_.core.calls.Add();
}

void HealthWatch::Arrived(bool ok) {
  if (!ok) {
    delete this;
    return;
  }
  Post(shared_, queue_);
  health::HealthCheckRequest request;
  grpc::ProtoBufferReader reader(&request_);
  const bool parsed = request.ParseFromZeroCopyStream(&reader);
  bool over = false;
  {
    const std::lock_guard lock(shared_.watches.mutex_);
    busy_ = false;
    known_ = shared_.names.contains(request.service());
    if (!parsed) {
      Finish(Refuse(absl::StatusCode::kInvalidArgument, "the request cannot be parsed",
                    {.reason = "REQUEST_UNPARSABLE"}));
    } else if (shared_.watches.open_.size() >= kMaxWatches) {
      Finish(Refuse(absl::StatusCode::kResourceExhausted, "too many streams watch; repeat later",
                    {.reason = "QUEUE_FULL", .retry_after_ms = 10'000}));
    } else if (!ended_seen_) {
      shared_.watches.open_.insert(this);
      Step();
    }
    over = Over();
  }
  if (over) {
    delete this;
  }
}

void HealthWatch::Sent(bool ok) {
  bool over = false;
  {
    const std::lock_guard lock(shared_.watches.mutex_);
    busy_ = false;
    if (ok) {
      Step();
    }
    over = Over();
  }
  if (over) {
    delete this;
  }
}

void HealthWatch::Ended(bool) {
  bool over = false;
  {
    const std::lock_guard lock(shared_.watches.mutex_);
    ended_seen_ = true;
    shared_.watches.open_.erase(this);
    over = Over();
  }
  if (over) {
    delete this;
  }
}

void HealthWatch::Step() {
  if (busy_ || finished_ || ended_seen_) {
    return;
  }
  const int state = !known_                ? health::HealthCheckResponse::SERVICE_UNKNOWN
                    : shared_.core.serving ? health::HealthCheckResponse::SERVING
                                           : health::HealthCheckResponse::NOT_SERVING;
  if (state != told_) {
    told_ = state;
    busy_ = true;
    writer_.Write(BytesOf(state), static_cast<Event*>(&sent_));
  } else if (shared_.watches.closed_) {
    Finish(Refuse(absl::StatusCode::kUnavailable, "the server stops", {.reason = "STOPPING"}));
  }
}

void HealthWatch::Finish(const absl::Status& status) {
  if (!ended_seen_) {
    finished_ = true;
    busy_ = true;
    writer_.Finish(ToGrpc(status, shared_.core.service), static_cast<Event*>(&sent_));
  }
}

bool HealthWatch::Over() { return ended_seen_ && !busy_; }

}  // namespace steward::rpc
