#include "services/orders/domain/contract.h"

#include <utility>

#include "libs/base/refusals.h"

namespace steward::orders {
namespace {

constexpr std::string_view kFollows = "when what it follows happened";

absl::Status CheckTerms(const ContractTerms& terms) {
  RETURN_IF_ERROR(CheckName("contract.customer", "customers", terms.customer));
  if (!terms.opportunity.empty()) {
    RETURN_IF_ERROR(CheckName("contract.opportunity", "opportunities", terms.opportunity));
  }
  if (!ExponentOf(terms.amount.currency).ok()) {
    return FieldInvalid("contract.amount.currency_code",
                        "`" + terms.amount.currency + "` is no currency of ISO 4217");
  }
  if (terms.amount.minor <= 0) {
    return FieldInvalid("contract.amount", "is above zero");
  }
  return terms.plan.empty() ? absl::OkStatus() : CheckPlan(terms.amount, terms.plan);
}

}  // namespace

absl::StatusOr<Contract> Contract::Draft(ContractData draft, const Occasion& occasion) {
  RETURN_IF_ERROR(CheckName("contract.owner", "members", draft.owner));
  RETURN_IF_ERROR(CheckTerms(draft.terms));
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, kEpoch, kFollows));
  ContractData data;
  data.id = draft.id;
  data.owner = std::move(draft.owner);
  data.team = std::move(draft.team);
  data.terms = std::move(draft.terms);
  data.state_time = at;
  data.draft_time = at;
  data.update_time = occasion.now;
  Contract contract(std::move(data));
  contract.Add(at, occasion.now, ContractDrafted{contract.data_});
  return contract;
}

std::string Contract::Allowed() const {
  std::vector<std::string_view> allowed;
  for (const ContractAction action : kContractActions) {
    if (Next(data_.state, action)) {
      allowed.push_back(NameOf(action));
    }
  }
  return Join(allowed);
}

std::optional<Duration> Contract::ApprovalCycle() const {
  if (!data_.approve_time || data_.approvals.empty()) {
    return std::nullopt;
  }
  return *data_.approve_time - data_.approvals.front().submit_time;
}

absl::Status Contract::Check(ContractAction action) const {
  return Next(data_.state, action)
             ? absl::OkStatus()
             : IllegalTransition(NameOf(data_.state), NameOf(action), Allowed());
}

absl::StatusOr<Time> Contract::CheckedTime(ContractAction action, const Occasion& occasion) const {
  RETURN_IF_ERROR(Check(action));
  return InstantOf(occasion, data_.state_time, kFollows);
}

template <class Body>
void Contract::Add(Time occurred_at, Time now, Body body) {
  data_.version += 1;
  data_.update_time = now;
  events_.push_back({data_.version, occurred_at, std::move(body)});
}

void Contract::Move(ContractState to, Time at) {
  data_.state = to;
  data_.state_time = at;
}

// A step that needs nothing but its place in the table.
template <class Body>
absl::Status Contract::Step(ContractAction action, std::optional<Time> ContractData::*instant,
                            Body body, const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(action, occasion));
  Move(*Next(data_.state, action), at);
  data_.*instant = at;
  Add(at, occasion.now, std::move(body));
  return absl::OkStatus();
}

absl::Status Contract::Change(ContractTerms terms, const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(ContractAction::kChange, occasion));
  RETURN_IF_ERROR(CheckTerms(terms));
  if (terms == data_.terms) {
    return NothingToChange("terms", "the same");
  }
  ContractTerms from = std::exchange(data_.terms, std::move(terms));
  Add(at, occasion.now, ContractChanged{std::move(from), data_.terms});
  return absl::OkStatus();
}

absl::Status Contract::Assign(std::string_view owner, std::string_view team,
                              const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(ContractAction::kAssign, occasion));
  RETURN_IF_ERROR(CheckName("owner", "members", owner));
  if (owner == data_.owner) {
    return NothingToChange("owner", owner);
  }
  const std::string from = std::exchange(data_.owner, std::string(owner));
  const std::string from_team = std::exchange(data_.team, std::string(team));
  Add(at, occasion.now, ContractAssigned{from, data_.owner, from_team, data_.team});
  return absl::OkStatus();
}

void Contract::Approved(const std::string& member, const Occasion& occasion, Time at) {
  Move(ContractState::kApproved, at);
  data_.approve_time = at;
  const ApprovalData& approval = data_.approvals.back();
  Add(at, occasion.now,
      ContractApproved{approval.flow, approval.flow_version, member, *ApprovalCycle(),
                       approval.submitter, data_.owner, data_.team, data_.terms.region});
}

absl::Status Contract::Submit(const ApprovalFlow& flow, FoundApprovers found,
                              const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(ContractAction::kSubmit, occasion));
  if (data_.terms.plan.empty()) {
    return Precondition(
        "PLAN_MISSING",
        "a contract is submitted with its instalment plan; one instalment is enough",
        {{"allowed", "change"}});
  }
  found.submitter = occasion.actor;
  ASSIGN_OR_RETURN(const Approval approval, Approval::Submit(flow, found, data_.terms.amount, at));
  data_.approvals.push_back(approval.data());
  Move(ContractState::kUnderApproval, at);
  Add(at, occasion.now,
      ContractSubmitted{flow.id, flow.version, occasion.actor, approval.WaitingFor()});
  if (approval.data().state == ApprovalState::kApproved) {
    Approved("", occasion, at);
  }
  return absl::OkStatus();
}

absl::Status Contract::Approve(const Occasion& occasion) {
  RETURN_IF_ERROR(Check(ContractAction::kApprove));
  const ApprovalData& run = data_.approvals.back();
  const Time last = run.decisions.empty() ? data_.state_time : run.decisions.back().at;
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, last, kFollows));
  Approval approval(run);
  RETURN_IF_ERROR(approval.Approve(occasion.actor, at));
  const std::string node = run.nodes[run.current].id;
  data_.approvals.back() = approval.data();
  if (approval.data().state == ApprovalState::kApproved) {
    Approved(occasion.actor, occasion, at);
  } else {
    Add(at, occasion.now, ContractApprovalGiven{node, occasion.actor, approval.WaitingFor()});
  }
  return absl::OkStatus();
}

absl::Status Contract::SendBack(std::string_view reason, const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(ContractAction::kSendBack, occasion));
  Approval approval(data_.approvals.back());
  RETURN_IF_ERROR(approval.SendBack(occasion.actor, reason, at));
  data_.approvals.back() = approval.data();
  Move(ContractState::kDraft, at);
  Add(at, occasion.now,
      ContractSentBack{approval.data().decisions.back().node, occasion.actor, std::string(reason)});
  return absl::OkStatus();
}

absl::Status Contract::Withdraw(const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, CheckedTime(ContractAction::kWithdraw, occasion));
  const ContractState from = data_.state;
  Approval approval(data_.approvals.back());
  if (from == ContractState::kUnderApproval) {
    RETURN_IF_ERROR(approval.Withdraw(occasion.actor, at));
  } else if (occasion.actor != approval.data().submitter) {
    return Precondition("NOT_THE_SUBMITTER",
                        "only " + approval.data().submitter + " may withdraw it",
                        {{"member", occasion.actor}, {"submitter", approval.data().submitter}});
  }
  data_.approvals.back() = approval.data();
  data_.approve_time.reset();
  Move(ContractState::kDraft, at);
  Add(at, occasion.now, ContractWithdrawn{from});
  return absl::OkStatus();
}

absl::Status Contract::Sign(absl::CivilDay signed_on, const Occasion& occasion) {
  RETURN_IF_ERROR(Step(ContractAction::kSign, &ContractData::sign_time,
                       ContractSigned{signed_on, data_.owner, data_.team, data_.terms}, occasion));
  data_.signed_on = signed_on;
  return absl::OkStatus();
}

absl::Status Contract::Start(const Occasion& occasion) {
  return Step(ContractAction::kStart, &ContractData::start_time, ContractStarted{}, occasion);
}

absl::Status Contract::Complete(const Occasion& occasion) {
  return Step(ContractAction::kComplete, &ContractData::complete_time, ContractCompleted{},
              occasion);
}

absl::Status Contract::Archive(const Occasion& occasion) {
  return Step(ContractAction::kArchive, &ContractData::archive_time, ContractArchived{}, occasion);
}

absl::Status Contract::Cancel(std::string_view reason, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(ContractAction::kCancel));
  RETURN_IF_ERROR(CheckCode("cancel_reason", reason, kContractCancelReasons));
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, data_.state_time, kFollows));
  if (data_.state == ContractState::kUnderApproval) {
    Approval approval(data_.approvals.back());
    RETURN_IF_ERROR(approval.Cancel(occasion.actor, at));
    data_.approvals.back() = approval.data();
  }
  const ContractState from = data_.state;
  RETURN_IF_ERROR(Step(ContractAction::kCancel, &ContractData::cancel_time,
                       ContractCancelled{std::string(reason), data_.terms.opportunity, from},
                       occasion));
  data_.cancel_reason = reason;
  return absl::OkStatus();
}

}  // namespace steward::orders
