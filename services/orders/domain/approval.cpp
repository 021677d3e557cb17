#include "services/orders/domain/approval.h"

#include <algorithm>

#include "libs/base/refusals.h"

namespace steward::orders {
namespace {

bool Needed(const FlowNode& node, const Money& amount) {
  return !node.from_amount || node.from_amount->currency != amount.currency ||
         amount.minor >= node.from_amount->minor;
}

// Who approves in place `i`: a member, "" = nobody was found, nullopt = the submitter needs not.
std::optional<std::string> MemberFor(const ApprovalFlow& flow, const FoundApprovers& found,
                                     const std::string& member) {
  if (member != found.submitter || flow.submitter == SubmitterRule::kAllow) {
    return member;
  }
  if (flow.submitter == SubmitterRule::kSuperior) {
    return found.superior == found.submitter ? "" : found.superior;
  }
  return std::nullopt;
}

absl::Status NobodyFound(const FlowNode& node, size_t approver) {
  return Precondition("NO_APPROVER_FOUND",
                      "nobody was found to approve in node `" + node.id + "`, approver " +
                          std::to_string(approver + 1) +
                          "; fill that place in the directory or change the flow",
                      {{"node", node.id}, {"approver", std::to_string(approver + 1)}});
}

absl::StatusOr<ApprovalNode> NodeOf(const ApprovalFlow& flow, const FlowNode& node,
                                    const FoundApprovers& found,
                                    const std::vector<std::string>& members, const Money& amount) {
  ApprovalNode asked{node.id, node.mode, {}, {}};
  const bool needed = Needed(node, amount);
  std::optional<size_t> missing;
  for (size_t i = 0; i < members.size(); ++i) {
    if (!needed) {
      asked.skips.push_back({i, SkipReason::kBelowAmount});
      continue;
    }
    const std::optional<std::string> member = MemberFor(flow, found, members[i]);
    if (!member) {
      asked.skips.push_back({i, SkipReason::kSubmitter});
    } else if (member->empty()) {
      asked.skips.push_back({i, SkipReason::kNobodyFound});
      missing = missing.value_or(i);
    } else if (!Contains(asked.approvers, *member)) {
      asked.approvers.push_back(*member);
    }
  }
  const bool enough = node.mode == NodeMode::kAnyOf && !asked.approvers.empty();
  if (missing && !enough && flow.missing == MissingRule::kRefuse) {
    return NobodyFound(node, *missing);
  }
  return asked;
}

}  // namespace

std::string_view NameOf(ApprovalState state) {
  static constexpr std::string_view kNames[] = {"PENDING", "APPROVED", "SENT_BACK", "WITHDRAWN",
                                                "CANCELLED"};
  return kNames[static_cast<size_t>(state) - 1];
}

absl::StatusOr<Approval> Approval::Submit(const ApprovalFlow& flow, const FoundApprovers& found,
                                          const Money& amount, Time at) {
  RETURN_IF_ERROR(CheckFlow(flow));
  RETURN_IF_ERROR(CheckRequired("submitter", found.submitter));
  if (found.nodes.size() != flow.nodes.size()) {
    return FieldInvalid("found.nodes", "are those of the flow");
  }
  ApprovalData data;
  data.flow = flow.id;
  data.flow_version = flow.version;
  data.repeat = flow.repeat;
  data.amount = amount;
  data.submitter = found.submitter;
  data.submit_time = at;
  for (size_t i = 0; i < flow.nodes.size(); ++i) {
    if (found.nodes[i].size() != flow.nodes[i].approvers.size()) {
      return FieldInvalid("found.nodes[" + std::to_string(i) + "]", "are the flow's approvers");
    }
    ASSIGN_OR_RETURN(ApprovalNode node, NodeOf(flow, flow.nodes[i], found, found.nodes[i], amount));
    data.nodes.push_back(std::move(node));
  }
  Approval approval(std::move(data));
  approval.CountEarlier(at);
  approval.Advance(at);
  return approval;
}

bool Approval::HasApproved(const std::string& node, const std::string& member) const {
  return std::any_of(data_.decisions.begin(), data_.decisions.end(), [&](const Decision& made) {
    return made.node == node && made.member == member &&
           (made.verdict == Verdict::kApproved || made.verdict == Verdict::kApprovedBefore);
  });
}

std::vector<std::string> Approval::WaitingFor() const {
  std::vector<std::string> waiting;
  if (data_.state != ApprovalState::kPending || data_.current >= data_.nodes.size()) {
    return waiting;
  }
  const ApprovalNode& node = data_.nodes[data_.current];
  for (const std::string& member : node.approvers) {
    const bool approved = HasApproved(node.id, member);
    if (approved && node.mode == NodeMode::kAnyOf) {
      return {};
    }
    if (!approved) {
      waiting.push_back(member);
      if (node.mode == NodeMode::kInSequence) {
        break;
      }
    }
  }
  return waiting;
}

absl::Status Approval::CheckPending(std::string_view action) const {
  return data_.state == ApprovalState::kPending
             ? absl::OkStatus()
             : IllegalTransition(NameOf(data_.state), action, "");
}

absl::Status Approval::CheckWaitingFor(std::string_view action, const std::string& member) const {
  RETURN_IF_ERROR(CheckPending(action));
  const std::vector<std::string> waiting = WaitingFor();
  if (Contains(waiting, member)) {
    return absl::OkStatus();
  }
  const std::string& node = data_.nodes[data_.current].id;
  if (HasApproved(node, member)) {
    return Precondition(
        "APPROVAL_ALREADY_GIVEN",
        member + " approved in node `" + node + "` already; it waits for " + Join(waiting),
        {{"member", member}, {"node", node}, {"waiting_for", Join(waiting)}});
  }
  return Precondition(
      "NOT_AN_APPROVER",
      member + " has nothing to decide in node `" + node + "`; it waits for " + Join(waiting),
      {{"member", member}, {"node", node}, {"waiting_for", Join(waiting)}});
}

void Approval::Decide(const std::string& member, Verdict verdict, std::string_view reason,
                      Time at) {
  const std::string& node =
      data_.current < data_.nodes.size() ? data_.nodes[data_.current].id : std::string();
  data_.decisions.push_back({node, member, verdict, std::string(reason), at});
}

void Approval::End(ApprovalState state, Time at) {
  data_.state = state;
  data_.end_time = at;
}

// Only what a member in fact approved counts in a later node: somebody whom an any-of node did not
// need is still asked.
void Approval::CountEarlier(Time at) {
  if (data_.repeat != RepeatRule::kFirstOnly || data_.current >= data_.nodes.size()) {
    return;
  }
  for (const std::string& member : data_.nodes[data_.current].approvers) {
    const bool before =
        std::any_of(data_.decisions.begin(), data_.decisions.end(), [&](const Decision& made) {
          return made.member == member && made.verdict == Verdict::kApproved;
        });
    if (before) {
      Decide(member, Verdict::kApprovedBefore, "", at);
    }
  }
}

void Approval::Advance(Time at) {
  while (data_.current < data_.nodes.size() && WaitingFor().empty()) {
    ++data_.current;
    CountEarlier(at);
  }
  if (data_.current == data_.nodes.size()) {
    End(ApprovalState::kApproved, at);
  }
}

absl::Status Approval::Approve(const std::string& member, Time at) {
  RETURN_IF_ERROR(CheckWaitingFor("approve", member));
  Decide(member, Verdict::kApproved, "", at);
  Advance(at);
  return absl::OkStatus();
}

absl::Status Approval::SendBack(const std::string& member, std::string_view reason, Time at) {
  RETURN_IF_ERROR(CheckWaitingFor("send_back", member));
  RETURN_IF_ERROR(CheckCode("reason", reason, kSendBackReasons));
  Decide(member, Verdict::kSentBack, reason, at);
  End(ApprovalState::kSentBack, at);
  return absl::OkStatus();
}

absl::Status Approval::Withdraw(const std::string& member, Time at) {
  RETURN_IF_ERROR(CheckPending("withdraw"));
  if (member != data_.submitter) {
    return Precondition("NOT_THE_SUBMITTER", "only " + data_.submitter + " may withdraw it",
                        {{"member", member}, {"submitter", data_.submitter}});
  }
  Decide(member, Verdict::kWithdrawn, "", at);
  End(ApprovalState::kWithdrawn, at);
  return absl::OkStatus();
}

absl::Status Approval::Cancel(const std::string& member, Time at) {
  RETURN_IF_ERROR(CheckPending("cancel"));
  Decide(member, Verdict::kCancelled, "", at);
  End(ApprovalState::kCancelled, at);
  return absl::OkStatus();
}

}  // namespace steward::orders
