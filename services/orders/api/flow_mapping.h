#pragma once
// Approval flows: the API's message, the stored row and what the domain goes by.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/orders/domain/approval_flow.h"
#include "services/orders/storage/flow_store.h"
#include "steward/orders/v1/contracts.pb.h"

namespace steward::orders {

inline constexpr char kDefaultFlow[] = "default";

// The id of `approvalFlows/{id}`.
absl::StatusOr<std::string> ParseFlowName(std::string_view field, std::string_view name);

// What a caller sends, as the domain has it, without id and version. Faults name fields below `flow`.
absl::StatusOr<ApprovalFlow> FlowFrom(const v1::ApprovalFlow& from);
// The stored spec of what a caller sends.
absl::StatusOr<std::string> SpecOf(const v1::ApprovalFlow& from);

// INTERNAL when the spec does not parse.
absl::StatusOr<ApprovalFlow> FlowOf(const StoredFlow& stored);
[[nodiscard]] absl::Status ToProto(const StoredFlow& stored, v1::ApprovalFlow* to);

}  // namespace steward::orders
