#include "services/orders/storage/approval_codec.h"

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"

namespace steward::orders {
namespace {

constexpr std::string_view kFlows = "approvalFlows/";

std::string FlowName(const std::string& id) { return std::string(kFlows) + id; }

void ToProto(const ApprovalNode& from, v1::Approval::Node* to) {
  to->set_id(from.id);
  to->set_mode(static_cast<v1::ApprovalFlow::Mode>(from.mode));
  to->mutable_approvers()->Assign(from.approvers.begin(), from.approvers.end());
  for (const Skip& skip : from.skips) {
    v1::Approval::Skip& added = *to->add_skips();
    added.set_approver(static_cast<int32_t>(skip.approver) + 1);
    added.set_reason(static_cast<v1::Approval::SkipReason>(skip.reason));
  }
}

ApprovalNode FromProto(const v1::Approval::Node& from) {
  ApprovalNode to;
  to.id = from.id();
  to.mode = static_cast<NodeMode>(from.mode());
  to.approvers.assign(from.approvers().begin(), from.approvers().end());
  for (const v1::Approval::Skip& skip : from.skips()) {
    to.skips.push_back(
        {static_cast<size_t>(skip.approver() - 1), static_cast<SkipReason>(skip.reason())});
  }
  return to;
}

absl::StatusOr<ApprovalData> FromProto(const v1::Approval& from) {
  ApprovalData to;
  to.flow = from.flow().substr(kFlows.size());
  to.flow_version = from.flow_version();
  to.repeat = static_cast<RepeatRule>(from.repeat());
  ASSIGN_OR_RETURN(to.amount, rpc::FromProto("amount", from.amount()));
  to.submitter = from.submitter();
  to.submit_time = rpc::FromProto(from.submit_time());
  for (const v1::Approval::Node& node : from.nodes()) {
    to.nodes.push_back(FromProto(node));
  }
  to.state = static_cast<ApprovalState>(from.state());
  to.current = static_cast<size_t>(from.passed());
  for (const v1::Approval::Decision& made : from.decisions()) {
    to.decisions.push_back({made.node(), made.member(), static_cast<Verdict>(made.verdict()),
                            made.reason(), rpc::FromProto(made.time())});
  }
  if (from.has_end_time()) {
    to.end_time = rpc::FromProto(from.end_time());
  }
  return to;
}

}  // namespace

void ToProto(const ApprovalData& from, v1::Approval* to) {
  to->set_flow(FlowName(from.flow));
  to->set_flow_version(static_cast<int32_t>(from.flow_version));
  to->set_repeat(static_cast<v1::ApprovalFlow::RepeatRule>(from.repeat));
  rpc::ToProto(from.amount, to->mutable_amount());
  to->set_submitter(from.submitter);
  *to->mutable_submit_time() = rpc::ToProto(from.submit_time);
  for (const ApprovalNode& node : from.nodes) {
    ToProto(node, to->add_nodes());
  }
  to->set_state(static_cast<v1::Approval::State>(from.state));
  to->set_passed(static_cast<int32_t>(from.current));
  for (const Decision& made : from.decisions) {
    v1::Approval::Decision& added = *to->add_decisions();
    added.set_node(made.node);
    added.set_member(made.member);
    added.set_verdict(static_cast<v1::Approval::Verdict>(made.verdict));
    added.set_reason(made.reason);
    *added.mutable_time() = rpc::ToProto(made.at);
  }
  if (from.end_time) {
    *to->mutable_end_time() = rpc::ToProto(*from.end_time);
  }
}

std::string EncodeApprovals(const std::vector<ApprovalData>& approvals) {
  v1::Contract runs;
  for (const ApprovalData& approval : approvals) {
    ToProto(approval, runs.add_approvals());
  }
  return runs.SerializeAsString();
}

absl::StatusOr<std::vector<ApprovalData>> DecodeApprovals(const std::string& bytes) {
  v1::Contract runs;
  if (!runs.ParseFromString(bytes)) {
    return absl::InternalError("stored approvals do not parse");
  }
  std::vector<ApprovalData> approvals;
  for (const v1::Approval& run : runs.approvals()) {
    ASSIGN_OR_RETURN(ApprovalData approval, FromProto(run));
    approvals.push_back(std::move(approval));
  }
  return approvals;
}

}  // namespace steward::orders
