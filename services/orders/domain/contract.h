#pragma once
// The contract (000, 001: draft, approval, signature, execution, archive): every change is a method
// that adds its events or says why not. Nothing is ignored.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/occasion.h"
#include "services/orders/domain/contract_event.h"

namespace steward::orders {

inline constexpr std::array<std::string_view, 4> kContractCancelReasons = {
    "customer_withdrew", "duplicate", "mistake", "other"};

// Refusals: ILLEGAL_TRANSITION by the table, with what is allowed; those of Approval;
// PLAN_MISSING, NOTHING_TO_CHANGE, NOT_THE_SUBMITTER (FAILED_PRECONDITION); FIELD_INVALID, and those
// of CheckPlan. What is refused changes nothing.
class Contract {
 public:
  // `draft` has id, owner and terms. FIELD_INVALID without owner or customer, with an amount that is
  // not above zero, or an unknown currency; a plan, where there is one, must fit the amount.
  static absl::StatusOr<Contract> Draft(ContractData draft, const Occasion& occasion);
  explicit Contract(ContractData stored) : data_(std::move(stored)) {}

  const ContractData& data() const { return data_; }
  // Events since drafting or loading, in version order.
  const std::vector<ContractEvent>& events() const { return events_; }
  // What the state allows, comma separated.
  std::string Allowed() const;
  // From the first submission to the approval that stands (001: approval cycle); nullopt = not
  // approved.
  std::optional<Duration> ApprovalCycle() const;

  [[nodiscard]] absl::Status Change(ContractTerms terms, const Occasion& occasion);
  // `team`: the new owner's, or empty.
  [[nodiscard]] absl::Status Assign(std::string_view owner, std::string_view team,
                                    const Occasion& occasion);
  // Needs a plan: terms of payment are approved with the rest (N-001). `occasion.actor` is the
  // submitter; `found.submitter` is set from it. Approved at once when the flow asks nobody.
  [[nodiscard]] absl::Status Submit(const ApprovalFlow& flow, FoundApprovers found,
                                    const Occasion& occasion);
  [[nodiscard]] absl::Status Approve(const Occasion& occasion);
  // Back to a draft.
  [[nodiscard]] absl::Status SendBack(std::string_view reason, const Occasion& occasion);
  // Back to a draft, by the submitter, also when it is approved but not yet signed.
  [[nodiscard]] absl::Status Withdraw(const Occasion& occasion);
  // `signed_on`: the date in the company's zone, from which instalments may be reckoned.
  [[nodiscard]] absl::Status Sign(absl::CivilDay signed_on, const Occasion& occasion);
  [[nodiscard]] absl::Status Start(const Occasion& occasion);
  [[nodiscard]] absl::Status Complete(const Occasion& occasion);
  [[nodiscard]] absl::Status Archive(const Occasion& occasion);
  // Before the signature only; a running approval ends with it.
  [[nodiscard]] absl::Status Cancel(std::string_view reason, const Occasion& occasion);

 private:
  [[nodiscard]] absl::Status Check(ContractAction action) const;
  absl::StatusOr<Time> CheckedTime(ContractAction action, const Occasion& occasion) const;
  template <class Body>
  [[nodiscard]] absl::Status Step(ContractAction action, std::optional<Time> ContractData::*instant,
                                  Body body, const Occasion& occasion);
  void Move(ContractState to, Time at);
  void Approved(const std::string& member, const Occasion& occasion, Time at);
  template <class Body>
  void Add(Time occurred_at, Time now, Body body);

  ContractData data_;
  std::vector<ContractEvent> events_;
};

}  // namespace steward::orders
