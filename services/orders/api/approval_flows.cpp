#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/service/pages.h"
#include "services/orders/api/approval_flows_api.h"
#include "services/orders/api/flow_mapping.h"

namespace steward::orders {
namespace {

template <class Request, class Response>
void Add(rpc::Server& server, ApprovalFlowsApi& api, const char* method,
         absl::Status (ApprovalFlowsApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.orders.v1.ApprovalFlowsService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

absl::StatusOr<FlowCursor> ReadPlace(const service::Page& page) {
  if (page.place().empty()) {
    return FlowCursor{};
  }
  ASSIGN_OR_RETURN(const int64_t version, rpc::CursorNumber(page.place()[1]));
  return FlowCursor{page.place()[0], static_cast<int32_t>(version)};
}

}  // namespace

void ApprovalFlowsApi::AddTo(rpc::Server& server) {
  Add(server, *this, "CreateApprovalFlowVersion", &ApprovalFlowsApi::CreateApprovalFlowVersion);
  Add(server, *this, "GetApprovalFlow", &ApprovalFlowsApi::GetApprovalFlow);
  Add(server, *this, "ListApprovalFlows", &ApprovalFlowsApi::ListApprovalFlows);
  Add(server, *this, "ActivateApprovalFlow", &ApprovalFlowsApi::ActivateApprovalFlow);
}

absl::Status ApprovalFlowsApi::CreateApprovalFlowVersion(
    const rpc::Call& call, const v1::CreateApprovalFlowVersionRequest& request,
    v1::ApprovalFlow* response) {
  const std::string& name = request.flow().name();
  RETURN_IF_ERROR(CheckName("flow.name", "approvalFlows", name));
  ASSIGN_OR_RETURN(const std::string id, ParseFlowName("flow.name", name));
  ASSIGN_OR_RETURN(ApprovalFlow flow, FlowFrom(request.flow()));
  flow.id = id;
  flow.version = 1;
  RETURN_IF_ERROR(CheckFlow(flow));
  ASSIGN_OR_RETURN(const std::string spec, SpecOf(request.flow()));
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending last = QueueLastVersion(tx, id);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        const auto version = static_cast<int32_t>(last->OptionalInt(0, 0).value_or(0)) + 1;
        const bool active = request.activate() || version == 1;
        const StoredFlow stored{id, version, spec, active, call.caller, command.now()};
        RETURN_IF_ERROR(ToProto(stored, response));
        command.Claim(name);
        if (active) {
          QueueActivate(tx, id, version);
        }
        QueueInsertFlow(tx, stored);
        return absl::OkStatus();
      });
}

absl::Status ApprovalFlowsApi::ActivateApprovalFlow(const rpc::Call& call,
                                                    const v1::ActivateApprovalFlowRequest& request,
                                                    v1::ApprovalFlow* response) {
  RETURN_IF_ERROR(CheckName("name", "approvalFlows", request.name()));
  ASSIGN_OR_RETURN(const std::string id, ParseFlowName("name", request.name()));
  if (request.version() < 1) {
    return FieldInvalid("version", "is 1 or more");
  }
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(request.name())});
        command.Find();
        const pg::Pending row = QueueFlow(tx, id, request.version());
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(request.name() + "@" + std::to_string(request.version()));
        }
        StoredFlow stored = ReadFlow(*row, 0);
        stored.active = true;
        RETURN_IF_ERROR(ToProto(stored, response));
        command.Claim(request.name());
        QueueActivate(tx, id, request.version());
        return absl::OkStatus();
      });
}

absl::Status ApprovalFlowsApi::GetApprovalFlow(const rpc::Call& call,
                                               const v1::GetApprovalFlowRequest& request,
                                               v1::ApprovalFlow* response) {
  RETURN_IF_ERROR(CheckName("name", "approvalFlows", request.name()));
  ASSIGN_OR_RETURN(const std::string id, ParseFlowName("name", request.name()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(const std::optional<StoredFlow> stored,
                   GetFlow(*db, id, request.version(), call.TimeLeft()));
  if (!stored) {
    return NotFound(request.name());
  }
  return ToProto(*stored, response);
}

absl::Status ApprovalFlowsApi::ListApprovalFlows(const rpc::Call& call,
                                                 const v1::ListApprovalFlowsRequest& request,
                                                 v1::ListApprovalFlowsResponse* response) {
  std::string id;
  if (!request.flow().empty()) {
    ASSIGN_OR_RETURN(id, ParseFlowName("flow", request.flow()));
  }
  ASSIGN_OR_RETURN(const service::Page page,
                   service::OpenPage(*tokens_, "ListApprovalFlows\n" + id, request));
  ASSIGN_OR_RETURN(const FlowCursor after, ReadPlace(page));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<StoredFlow> flows,
                   ListFlows(*db, id, after, page.limit(), call.TimeLeft()));
  if (page.Cut(flows)) {
    page.Continue({flows.back().id, std::to_string(flows.back().version)}, response);
  }
  for (const StoredFlow& flow : flows) {
    RETURN_IF_ERROR(ToProto(flow, response->add_flows()));
  }
  return absl::OkStatus();
}

}  // namespace steward::orders
