#include "libs/rpc/raw_service.h"

#include "grpcpp/impl/rpc_service_method.h"

namespace steward::rpc {

int RawService::AddUnary(const std::string& full_method) {
  return Add(full_method, grpc::internal::RpcMethod::NORMAL_RPC);
}

int RawService::AddStream(const std::string& full_method) {
  return Add(full_method, grpc::internal::RpcMethod::SERVER_STREAMING);
}

int RawService::Add(const std::string& full_method, grpc::internal::RpcMethod::RpcType type) {
  int index = static_cast<int>(names_.size());
  names_.push_back(full_method);
  AddMethod(new grpc::internal::RpcServiceMethod(names_.back().c_str(), type, nullptr));
  MarkMethodRaw(index);
  return index;
}

void RawService::Request(int index, grpc::ServerContext* context, grpc::ByteBuffer* request,
                         RawResponder* responder, grpc::ServerCompletionQueue* queue, void* tag) {
  RequestAsyncUnary(index, context, request, responder, queue, queue, tag);
}

void RawService::RequestStream(int index, grpc::ServerContext* context, grpc::ByteBuffer* request,
                               grpc::ServerAsyncWriter<grpc::ByteBuffer>* writer,
                               grpc::ServerCompletionQueue* queue, void* tag) {
  RequestAsyncServerStreaming(index, context, request, writer, queue, queue, tag);
}

}  // namespace steward::rpc
