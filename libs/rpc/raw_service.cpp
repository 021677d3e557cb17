#include "libs/rpc/raw_service.h"

#include "grpcpp/impl/rpc_service_method.h"

namespace steward::rpc {

int RawService::AddUnary(const std::string& full_method) {
  int index = static_cast<int>(names_.size());
  names_.push_back(full_method);
  AddMethod(new grpc::internal::RpcServiceMethod(names_.back().c_str(),
                                                 grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodRaw(index);
  return index;
}

void RawService::Request(int index, grpc::ServerContext* context, grpc::ByteBuffer* request,
                         RawResponder* responder, grpc::ServerCompletionQueue* queue, void* tag) {
  RequestAsyncUnary(index, context, request, responder, queue, queue, tag);
}

}  // namespace steward::rpc
