#pragma once
// One run of an approval flow. It keeps the flow's version, whom each node asked and every decision;
// a new submission is a new run. Nodes are passed in their order and none is jumped over but by the
// rules that the flow states.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "services/orders/domain/approval_flow.h"

namespace steward::orders {

enum class ApprovalState : int {
  kPending = 1,
  kApproved = 2,
  kSentBack = 3,
  kWithdrawn = 4,
  kCancelled = 5,  // with what it was to approve
};
// `SENT_BACK`.
std::string_view NameOf(ApprovalState state);

// Whom the caller found, by node and approver of the flow; "" = nobody.
struct FoundApprovers {
  std::string submitter;  // members/{id}
  std::string superior;   // the submitter's, "" = none
  std::vector<std::vector<std::string>> nodes;
};

enum class SkipReason : int { kSubmitter = 1, kNobodyFound = 2, kBelowAmount = 3 };
struct Skip {
  size_t approver = 0;  // its place in the flow's node
  SkipReason reason = SkipReason::kSubmitter;
  friend bool operator==(const Skip&, const Skip&) = default;
};

struct ApprovalNode {
  std::string id;
  NodeMode mode = NodeMode::kAllOf;
  std::vector<std::string> approvers;  // members asked, each once; empty = nothing to approve
  std::vector<Skip> skips;
  friend bool operator==(const ApprovalNode&, const ApprovalNode&) = default;
};

enum class Verdict : int {
  kApproved = 1,
  kApprovedBefore = 2,  // in an earlier node, and the flow counts that
  kSentBack = 3,
  kWithdrawn = 4,
  kCancelled = 5,
};
struct Decision {
  std::string node;
  std::string member;
  Verdict verdict = Verdict::kApproved;
  std::string reason;  // one of kSendBackReasons
  Time at;
  friend bool operator==(const Decision&, const Decision&) = default;
};
inline constexpr std::array<std::string_view, 6> kSendBackReasons = {
    "amount", "payment_terms", "customer", "documents", "delivery", "other"};

struct ApprovalData {
  std::string flow;
  int64_t flow_version = 0;
  RepeatRule repeat = RepeatRule::kFirstOnly;
  Money amount;
  std::string submitter;
  Time submit_time;
  std::vector<ApprovalNode> nodes;
  ApprovalState state = ApprovalState::kPending;
  size_t current = 0;  // the node that is asked; nodes.size() = through
  std::vector<Decision> decisions;
  std::optional<Time> end_time;
  friend bool operator==(const ApprovalData&, const ApprovalData&) = default;
};

// Refusals (FAILED_PRECONDITION): ILLEGAL_TRANSITION once it has ended; NOT_AN_APPROVER and
// APPROVAL_ALREADY_GIVEN, both with `waiting_for`, the members who may decide now;
// NOT_THE_SUBMITTER with `submitter`. What is refused changes nothing.
class Approval {
 public:
  // Sends something of this amount on its way. It is through at once when no node asks anybody.
  // NO_APPROVER_FOUND (FAILED_PRECONDITION) with `node` and `approver` where the flow refuses that;
  // FIELD_INVALID for a faulty flow, or when `found` has not the flow's shape.
  static absl::StatusOr<Approval> Submit(const ApprovalFlow& flow, const FoundApprovers& found,
                                         const Money& amount, Time at);
  explicit Approval(ApprovalData stored) : data_(std::move(stored)) {}

  const ApprovalData& data() const { return data_; }
  // Who may approve or send back now.
  std::vector<std::string> WaitingFor() const;

  [[nodiscard]] absl::Status Approve(const std::string& member, Time at);
  // Ends it. FIELD_INVALID when the reason is none of kSendBackReasons.
  [[nodiscard]] absl::Status SendBack(const std::string& member, std::string_view reason, Time at);
  // Ends it; the submitter alone may.
  [[nodiscard]] absl::Status Withdraw(const std::string& member, Time at);
  [[nodiscard]] absl::Status Cancel(const std::string& member, Time at);

 private:
  [[nodiscard]] absl::Status CheckPending(std::string_view action) const;
  [[nodiscard]] absl::Status CheckWaitingFor(std::string_view action,
                                             const std::string& member) const;
  bool HasApproved(const std::string& node, const std::string& member) const;
  void Decide(const std::string& member, Verdict verdict, std::string_view reason, Time at);
  void End(ApprovalState state, Time at);
  void CountEarlier(Time at);
  void Advance(Time at);

  ApprovalData data_;
};

}  // namespace steward::orders
