#include "libs/rpc/unary_call.h"

#include <exception>
#include <optional>
#include <vector>

#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/proto_buffer_writer.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/log/log.h"
#include "libs/rpc/client.h"
#include "libs/rpc/credentials.h"
#include "libs/rpc/trace.h"
#include "libs/rpc/validate.h"

namespace steward::rpc {
namespace {

constexpr int64_t kDefaultDeadlineMicros = 5'000'000;
constexpr int64_t kMaxDeadlineMicros = 30'000'000;
constexpr int64_t kQueueFullRetryMs = 100;

// Microseconds left by the caller's deadline; nothing when it gave none.
std::optional<int64_t> MicrosLeft(gpr_timespec deadline) {
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) {
    return std::nullopt;
  }
  gpr_timespec left = gpr_time_sub(gpr_convert_clock_type(deadline, GPR_CLOCK_MONOTONIC),
                                   gpr_now(GPR_CLOCK_MONOTONIC));
  double micros = gpr_timespec_to_micros(left);
  // Beyond a year is as good as no deadline, and would overflow.
  return micros > 3e13 ? std::nullopt : std::optional<int64_t>(static_cast<int64_t>(micros));
}

bool IsUnexpected(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

// The whole text goes to the log, the correlation id to the caller.
absl::Status Mask(const absl::Status& status, const std::string& correlation) {
  std::string reason = ReasonOf(status);
  log::Error("internal error", {{"error", FromAbsl(status.message())}, {"reason", reason}});
  return Refuse(
      status.code(), "internal error",
      {.reason = reason.empty() ? "INTERNAL" : reason, .metadata = {{"correlation", correlation}}});
}

}  // namespace

void CallCount::Remove() {
  if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    std::lock_guard lock(mutex_);
    zero_.notify_all();
  }
}

bool CallCount::AwaitZero(Duration limit) {
  std::unique_lock lock(mutex_);
  return zero_.wait_for(lock, std::chrono::microseconds(limit.micros),
                        [this] { return count_.load() == 0; });
}

void UnaryCall::Post(ServerCore& core, const Method& method, grpc::ServerCompletionQueue* queue) {
  auto* call = new UnaryCall(core, method, queue);
  method.service->Request(method.index, &call->context_, &call->request_bytes_, &call->responder_,
                          queue, static_cast<Event*>(call));
}

UnaryCall::UnaryCall(ServerCore& core, const Method& method, grpc::ServerCompletionQueue* queue)
    : core_(core), method_(method), queue_(queue), responder_(&context_) {
  core_.calls.Add();
}

void UnaryCall::Happened(bool ok) {
  if (answered_ || !ok) {
    delete this;  // the answer is out, or the server stops and no call came
    return;
  }
  Post(core_, method_, queue_);
  received_micros_ = MonotonicMicros();
  method_.metrics.Started();
  core_.metrics.in_flight.Add(1);
  if (!core_.pool->TrySubmit([this](int worker) { Run(worker); })) {
    FillCall(0);
    method_.metrics.Refused("QUEUE_FULL");
    Answer(Refuse(absl::StatusCode::kResourceExhausted, "the server is busy; repeat later",
                  {.reason = "QUEUE_FULL", .retry_after_ms = kQueueFullRetryMs}));
  }
}

void UnaryCall::Run(int worker) {
  ServerMetrics& metrics = core_.metrics;
  metrics.idle.Add(-1);
  metrics.busy.Add(1);
  metrics.queue_seconds.Observe(static_cast<double>(MonotonicMicros() - received_micros_) / 1e6);
  FillCall(worker);
  absl::Status status = Admit();
  if (status.ok()) {
    log::Scope scope(call_.request_id, call_.traceparent, method_.name);
    status = Handle();
  }
  // Before the answer: a caller that has it must find the worker free.
  metrics.busy.Add(-1);
  metrics.idle.Add(1);
  Answer(std::move(status));
}

std::string_view UnaryCall::Metadata(const char* key) const {
  const auto& metadata = context_.client_metadata();
  auto range = metadata.equal_range(key);
  // A header given twice says two things; it then says nothing.
  if (range.first == range.second || std::next(range.first) != range.second) {
    return "";
  }
  return {range.first->second.data(), range.first->second.size()};
}

void UnaryCall::FillCall(int worker) {
  call_.method = method_.name;
  call_.worker = worker;
  call_.peer = core_.plaintext ? "dev" : PeerService(*context_.auth_context());
  call_.authorization = Metadata("authorization");
  Trace trace = ContinueTrace(Metadata("traceparent"));
  call_.correlation = CorrelationOf(Metadata("x-correlation-id"), trace);
  call_.traceparent = std::move(trace.traceparent);
  int64_t now = MonotonicMicros();
  std::optional<int64_t> left = MicrosLeft(context_.raw_deadline());
  if (left) {
    call_.deadline_micros = now + std::min(*left, kMaxDeadlineMicros);
  } else {
    method_.metrics.WithoutDeadline();
    call_.deadline_micros = received_micros_ + kDefaultDeadlineMicros;
  }
}

// Everything before the handler. Permission comes before validation: a refusal says nothing about
// the request.
absl::Status UnaryCall::Admit() {
  log::Scope scope("", call_.traceparent, method_.name);
  absl::Status status;
  if (call_.TimeLeft() <= Duration{0}) {
    status =
        Refuse(absl::StatusCode::kDeadlineExceeded, "the deadline passed before a worker was free",
               {.reason = "DEADLINE_PASSED_IN_QUEUE"});
  } else {
    Decision decision =
        core_.guard.Check(method_.name, call_.peer, call_.authorization, core_.clock.Now());
    call_.caller = std::move(decision.who.member);
    call_.grants = std::move(decision.who.grants);
    call_.reach = std::move(decision.reach);
    status = std::move(decision.status);
  }
  if (!status.ok()) {
    method_.metrics.Refused(ReasonOf(status));
    return status;
  }
  return ReadRequest();
}

absl::Status UnaryCall::ReadRequest() {
  if (request_bytes_.Length() > static_cast<size_t>(method_.policy->max_request_bytes)) {
    std::string limit = std::to_string(method_.policy->max_request_bytes);
    return Refuse(absl::StatusCode::kResourceExhausted,
                  "the request is larger than " + limit + " bytes",
                  {.reason = "REQUEST_TOO_LARGE", .metadata = {{"limit", limit}}});
  }
  request_.reset(method_.request->New());
  grpc::ProtoBufferReader reader(&request_bytes_);
  if (!request_->ParseFromZeroCopyStream(&reader) || !reader.status().ok()) {
    return Refuse(absl::StatusCode::kInvalidArgument,
                  "the request is not a " + request_->GetDescriptor()->full_name() +
                      ", or has text that is not UTF-8",
                  {.reason = "REQUEST_UNPARSABLE"});
  }
  request_bytes_.Clear();
  std::vector<FieldViolation> violations;
  if (absl::Status status = Validate(*request_); !status.ok()) {
    violations = RefusalOf(status)->fields;
  }
  ReadRequestId(&violations);
  return violations.empty() ? absl::OkStatus() : FieldsInvalid(std::move(violations));
}

void UnaryCall::ReadRequestId(std::vector<FieldViolation>* violations) {
  if (method_.request_id == nullptr) {
    return;
  }
  std::string text = request_->GetReflection()->GetString(*request_, method_.request_id);
  if (text.empty()) {
    if (method_.policy->request_id_required) {
      violations->push_back({"request_id", "is required"});
    }
    return;
  }
  absl::StatusOr<Uuid> id = Uuid::Parse(text);
  if (!id.ok()) {
    violations->push_back({"request_id", "must be a UUID"});
    return;
  }
  call_.request_id = id->ToString();
  call_.request_hash = RequestHash(*request_);
}

absl::Status UnaryCall::Handle() {
  std::unique_ptr<google::protobuf::Message> response(method_.response->New());
  // Handlers do not throw; memory that runs out in one call must not end all others.
  try {
    RETURN_IF_ERROR(method_.handler(call_, *request_, response.get()));
    return SetResponse(*response);
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

absl::Status UnaryCall::SetResponse(const google::protobuf::Message& response) {
  bool own = false;
  grpc::Status status =
      grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::MessageLite>(
          response, &response_bytes_, &own);
  return status.ok() ? absl::OkStatus() : absl::InternalError("the response cannot be serialised");
}

void UnaryCall::Answer(absl::Status status) {
  log::Scope scope(call_.request_id, call_.traceparent, method_.name);
  if (IsUnexpected(status.code())) {
    status = Mask(status, call_.correlation);
  }
  WireStatus wire = ToWire(status, core_.service);
  int64_t micros = MonotonicMicros() - received_micros_;
  method_.metrics.Handled(wire.code, static_cast<double>(micros) / 1e6);
  core_.metrics.in_flight.Add(-1);
  LogAccess(wire.code, ReasonOf(status), micros);
  answered_ = true;
  // Behind Finish the object belongs to the poller.
  if (wire.code == 0) {
    responder_.Finish(response_bytes_, grpc::Status::OK, static_cast<Event*>(this));
  } else {
    responder_.FinishWithError(
        grpc::Status(static_cast<grpc::StatusCode>(wire.code), wire.message, wire.details),
        static_cast<Event*>(this));
  }
}

void UnaryCall::LogAccess(int code, std::string_view reason, int64_t micros) const {
  bool denied = code == static_cast<int>(absl::StatusCode::kUnauthenticated) ||
                code == static_cast<int>(absl::StatusCode::kPermissionDenied);
  (denied ? log::Warning : log::Info)("rpc", {{"code", CodeName(code)},
                                              {"reason", reason},
                                              {"dur_ms", static_cast<double>(micros) / 1e3},
                                              {"caller", call_.caller},
                                              {"peer", call_.peer},
                                              {"correlation", call_.correlation}});
}

}  // namespace steward::rpc
