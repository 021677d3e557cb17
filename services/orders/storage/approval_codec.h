#pragma once
// Runs of approval flows as messages: in the API, and as bytes in contract.approvals.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/orders/domain/approval.h"
#include "steward/orders/v1/contracts.pb.h"

namespace steward::orders {

void ToProto(const ApprovalData& from, v1::Approval* to);

std::string EncodeApprovals(const std::vector<ApprovalData>& approvals);
// INTERNAL when the bytes were written by something else.
absl::StatusOr<std::vector<ApprovalData>> DecodeApprovals(const std::string& bytes);

}  // namespace steward::orders
