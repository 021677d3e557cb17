#pragma once
// Who has to approve, as versioned data. A flow says whom to look for; the caller finds them in
// the directory. 001 measures the approval cycle and gives no amount from which more approvers are
// needed (S-14): `from_amount` ships empty.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/money.h"

namespace steward::orders {

enum class ApproverKind : int {
  kMember = 1,          // `who` is members/{id}
  kRoleAbove = 2,       // `who` is the role; the nearest holder above the submitter
  kDepartmentHead = 3,  // `who` is teams/{id}, or empty for the submitter's own
};
struct Approver {
  ApproverKind kind = ApproverKind::kMember;
  std::string who;
  friend bool operator==(const Approver&, const Approver&) = default;
};

enum class NodeMode : int { kAllOf = 1, kAnyOf = 2, kInSequence = 3 };
// `ALL_OF`.
std::string_view NameOf(NodeMode mode);

struct FlowNode {
  std::string id;
  NodeMode mode = NodeMode::kAllOf;
  std::vector<Approver> approvers;
  // The node is needed from this amount on; nullopt = always. For an amount in another currency it
  // is needed always: what cannot be compared excuses nobody.
  std::optional<Money> from_amount;
  friend bool operator==(const FlowNode&, const FlowNode&) = default;
};

// The submitter is one of the approvers: that part needs no approval; the submitter approves like
// anybody; or the submitter's superior approves instead.
enum class SubmitterRule : int { kSkip = 1, kAllow = 2, kSuperior = 3 };
// A member who approved in an earlier node: that counts here too, or every node asks again. Inside
// one node a member approves once, however often the flow names them.
enum class RepeatRule : int { kFirstOnly = 1, kEach = 2 };
// Nobody was found for an approver (in a node of any-of: for none of them): the submission is
// refused, or goes on without.
enum class MissingRule : int { kRefuse = 1, kPass = 2 };

struct ApprovalFlow {
  std::string id;
  int64_t version = 0;  // from 1; a version never changes
  std::vector<FlowNode> nodes;
  SubmitterRule submitter = SubmitterRule::kSuperior;
  RepeatRule repeat = RepeatRule::kFirstOnly;
  MissingRule missing = MissingRule::kRefuse;
  friend bool operator==(const ApprovalFlow&, const ApprovalFlow&) = default;
};
inline constexpr size_t kMaxNodes = 20;
inline constexpr size_t kMaxApprovers = 20;

// FIELD_INVALID naming the first fault: no id, version below 1, no node or too many, a node without
// id, with another's id, without approvers or with too many, an approver without `who` (but for a
// department head), a threshold not above zero.
[[nodiscard]] absl::Status CheckFlow(const ApprovalFlow& flow);

}  // namespace steward::orders
