#pragma once
// A gRPC service made at run time: methods that take and give bytes, unary or with a stream of answers. Registered like
// generated ones, so that reflection lists them; messages are parsed in the worker. Internal to the
// library.

#include <deque>
#include <string>

#include "grpcpp/impl/rpc_method.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"

namespace steward::rpc {

using RawResponder = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;

class RawService final : public grpc::Service {
 public:
  // `full_method` is `/package.Service/Method`. Its index. All methods must be of one service.
  int AddUnary(const std::string& full_method);
  int AddStream(const std::string& full_method);
  // One event on `queue` with `tag`: a call, or not ok when the server stops.
  void Request(int index, grpc::ServerContext* context, grpc::ByteBuffer* request,
               RawResponder* responder, grpc::ServerCompletionQueue* queue, void* tag);
  void RequestStream(int index, grpc::ServerContext* context, grpc::ByteBuffer* request,
                     grpc::ServerAsyncWriter<grpc::ByteBuffer>* writer,
                     grpc::ServerCompletionQueue* queue, void* tag);

 private:
  int Add(const std::string& full_method, grpc::internal::RpcMethod::RpcType type);
  std::deque<std::string> names_;  // gRPC keeps pointers to them
};

}  // namespace steward::rpc
