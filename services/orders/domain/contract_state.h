#pragma once
// Where a contract may stand and what may be done there. The table in contract_state.cpp is the
// only place that decides it; contract.cpp adds what depends on more than the state.

#include <array>
#include <optional>
#include <string_view>

namespace steward::orders {

// The numbers are stored.
enum class ContractState : int {
  kDraft = 1,
  kUnderApproval = 2,
  kApproved = 3,
  kSigned = 4,
  kInExecution = 5,
  kCompleted = 6,
  kArchived = 7,
  kCancelled = 8,
};
inline constexpr std::array kContractStates = {
    ContractState::kDraft,    ContractState::kUnderApproval, ContractState::kApproved,
    ContractState::kSigned,   ContractState::kInExecution,   ContractState::kCompleted,
    ContractState::kArchived, ContractState::kCancelled,
};

enum class ContractAction {
  kChange,  // the terms, by which everything from the signature on is bound
  kAssign,  // another owner: no term of the contract
  kSubmit,
  kApprove,  // one approval; the contract is approved with the last that its flow requires
  kSendBack,
  kWithdraw,
  kSign,
  kStart,
  kComplete,
  kArchive,
  kCancel,
};
inline constexpr std::array kContractActions = {
    ContractAction::kChange,  ContractAction::kAssign,   ContractAction::kSubmit,
    ContractAction::kApprove, ContractAction::kSendBack, ContractAction::kWithdraw,
    ContractAction::kSign,    ContractAction::kStart,    ContractAction::kComplete,
    ContractAction::kArchive, ContractAction::kCancel,
};

// `UNDER_APPROVAL`.
std::string_view NameOf(ContractState state);
std::optional<ContractState> ContractStateFromName(std::string_view name);
// `send_back`, as in refusals.
std::string_view NameOf(ContractAction action);

// Where the action leads; nullopt = it may not be done there. The same state = the fact is
// recorded, the contract stays.
std::optional<ContractState> Next(ContractState from, ContractAction action);

}  // namespace steward::orders
