#include "services/orders/domain/approval_flow.h"

#include <set>

#include "libs/base/ids.h"
#include "libs/base/refusals.h"

namespace steward::orders {
namespace {

absl::Status CheckApprover(const std::string& field, const Approver& approver) {
  switch (approver.kind) {
    case ApproverKind::kMember:
      return CheckName(field + ".who", "members", approver.who);
    case ApproverKind::kRoleAbove:
      return CheckRequired(field + ".who", approver.who);
    case ApproverKind::kDepartmentHead:
      return approver.who.empty() ? absl::OkStatus()
                                  : CheckName(field + ".who", "teams", approver.who);
  }
  return FieldInvalid(field + ".kind", "is a member, a role above or a department head");
}

absl::Status CheckNode(const std::string& field, const FlowNode& node) {
  RETURN_IF_ERROR(CheckRequired(field + ".id", node.id));
  if (node.approvers.empty() || node.approvers.size() > kMaxApprovers) {
    return FieldInvalid(field + ".approvers",
                        "are 1 to " + std::to_string(kMaxApprovers) + " approvers");
  }
  for (size_t i = 0; i < node.approvers.size(); ++i) {
    RETURN_IF_ERROR(
        CheckApprover(field + ".approvers[" + std::to_string(i) + "]", node.approvers[i]));
  }
  if (node.from_amount) {
    RETURN_IF_ERROR(ExponentOf(node.from_amount->currency).status());
    if (node.from_amount->minor <= 0) {
      return FieldInvalid(field + ".from_amount", "is above zero, or absent");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(NodeMode mode) {
  static constexpr std::string_view kNames[] = {"ALL_OF", "ANY_OF", "IN_SEQUENCE"};
  return kNames[static_cast<size_t>(mode) - 1];
}

absl::Status CheckFlow(const ApprovalFlow& flow) {
  RETURN_IF_ERROR(CheckRequired("flow.id", flow.id));
  if (flow.version < 1) {
    return FieldInvalid("flow.version", "is 1 or more");
  }
  if (flow.nodes.empty() || flow.nodes.size() > kMaxNodes) {
    return FieldInvalid("flow.nodes", "are 1 to " + std::to_string(kMaxNodes) + " nodes");
  }
  std::set<std::string> ids;
  for (size_t i = 0; i < flow.nodes.size(); ++i) {
    const std::string field = "flow.nodes[" + std::to_string(i) + "]";
    RETURN_IF_ERROR(CheckNode(field, flow.nodes[i]));
    if (!ids.insert(flow.nodes[i].id).second) {
      return FieldInvalid(field + ".id", "`" + flow.nodes[i].id + "` is another node's id");
    }
  }
  return absl::OkStatus();
}

}  // namespace steward::orders
