#pragma once
// The life of one unary call: wait on a queue, pass the checks on a worker, run the handler,
// answer. Internal to the library.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server_context.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/raw_service.h"
#include "libs/rpc/server.h"
#include "libs/rpc/server_metrics.h"
#include "libs/runtime/worker_pool.h"

namespace steward::rpc {

// How many calls wait or run. Zero only when the server has stopped, since some always wait.
class CallCount {
 public:
  void Add() { count_.fetch_add(1, std::memory_order_relaxed); }
  void Remove();
  bool AwaitZero(Duration limit);

 private:
  std::atomic<int64_t> count_{0};
  std::mutex mutex_;
  std::condition_variable zero_;
};

// One method with all that its calls need, resolved before the start.
struct Method {
  std::string name;  // /package.Service/Method
  const google::protobuf::Message* request;
  const google::protobuf::Message* response;
  Server::Handler handler;
  const google::protobuf::FieldDescriptor* request_id;  // null = the request has none
  MethodMetrics metrics;
  const MethodPolicy* policy = nullptr;
  RawService* service = nullptr;
  int index = 0;
};

// What all calls of a server share.
struct ServerCore {
  std::string service;
  bool plaintext = false;  // then the peer is `dev`
  Guard& guard;
  const Clock& clock;
  ServerMetrics metrics;
  std::unique_ptr<runtime::WorkerPool> pool;
  CallCount calls;
  std::atomic<bool> serving{false};
};

// What a completion queue gives back. Deletes itself after its last event.
class Event {
 public:
  virtual ~Event() = default;
  virtual void Happened(bool ok) = 0;
};

class UnaryCall final : public Event {
 public:
  // Begins to wait for a call of this method.
  static void Post(ServerCore& core, const Method& method, grpc::ServerCompletionQueue* queue);
  ~UnaryCall() override { core_.calls.Remove(); }
  void Happened(bool ok) override;

 private:
  UnaryCall(ServerCore& core, const Method& method, grpc::ServerCompletionQueue* queue);
  void Run(int worker);
  void FillCall(int worker);
  absl::Status Admit();
  absl::Status ReadRequest();
  void ReadRequestId(std::vector<FieldViolation>* violations);
  absl::Status Handle();
  absl::Status SetResponse(const google::protobuf::Message& response);
  void Answer(absl::Status status);
  void LogAccess(int code, std::string_view reason, int64_t micros) const;
  std::string_view Metadata(const char* key) const;

  ServerCore& core_;
  const Method& method_;
  grpc::ServerCompletionQueue* queue_;
  grpc::ServerContext context_;
  RawResponder responder_;
  grpc::ByteBuffer request_bytes_, response_bytes_;
  std::unique_ptr<google::protobuf::Message> request_;
  Call call_;
  int64_t received_micros_ = 0;
  bool answered_ = false;
};

}  // namespace steward::rpc
