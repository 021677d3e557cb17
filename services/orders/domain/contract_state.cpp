#include "services/orders/domain/contract_state.h"

#include <cstddef>
#include <iterator>

namespace steward::orders {
namespace {

constexpr ContractState D = ContractState::kDraft;
constexpr ContractState U = ContractState::kUnderApproval;
constexpr ContractState P = ContractState::kApproved;
constexpr ContractState S = ContractState::kSigned;
constexpr ContractState E = ContractState::kInExecution;
constexpr ContractState C = ContractState::kCompleted;
constexpr ContractState A = ContractState::kArchived;
constexpr ContractState X = ContractState::kCancelled;
constexpr std::optional<ContractState> o = std::nullopt;

struct Row {
  ContractAction action;
  std::string_view name;
  std::array<std::optional<ContractState>, kContractStates.size()>
      to;  // by the state it is done in
};

// An approved contract may be withdrawn to be changed, and is approved anew after that.
// clang-format off
constexpr Row kTable[] = {
    //                                      D  U  P  S  E  C  A  X
    {ContractAction::kChange,   "change",    {{D, o, o, o, o, o, o, o}}},
    {ContractAction::kAssign,   "assign",    {{D, U, P, S, E, C, o, o}}},
    {ContractAction::kSubmit,   "submit",    {{U, o, o, o, o, o, o, o}}},
    {ContractAction::kApprove,  "approve",   {{o, P, o, o, o, o, o, o}}},
    {ContractAction::kSendBack, "send_back", {{o, D, o, o, o, o, o, o}}},
    {ContractAction::kWithdraw, "withdraw",  {{o, D, D, o, o, o, o, o}}},
    {ContractAction::kSign,     "sign",      {{o, o, S, o, o, o, o, o}}},
    {ContractAction::kStart,    "start",     {{o, o, o, E, o, o, o, o}}},
    {ContractAction::kComplete, "complete",  {{o, o, o, o, C, o, o, o}}},
    {ContractAction::kArchive,  "archive",   {{o, o, o, o, o, A, o, o}}},
    {ContractAction::kCancel,   "cancel",    {{X, X, X, o, o, o, o, o}}},
};
// clang-format on
static_assert(std::size(kTable) == kContractActions.size());

constexpr std::string_view kNames[] = {"DRAFT",        "UNDER_APPROVAL", "APPROVED", "SIGNED",
                                       "IN_EXECUTION", "COMPLETED",      "ARCHIVED", "CANCELLED"};
static_assert(std::size(kNames) == kContractStates.size());

constexpr bool TableFollowsActions() {
  for (size_t i = 0; i < kContractActions.size(); ++i) {
    if (kTable[i].action != kContractActions[i]) {
      return false;
    }
  }
  return true;
}
static_assert(TableFollowsActions());

size_t Column(ContractState state) { return static_cast<size_t>(state) - 1; }

}  // namespace

std::string_view NameOf(ContractState state) { return kNames[Column(state)]; }

std::optional<ContractState> ContractStateFromName(std::string_view name) {
  for (const ContractState state : kContractStates) {
    if (NameOf(state) == name) {
      return state;
    }
  }
  return std::nullopt;
}

std::string_view NameOf(ContractAction action) { return kTable[static_cast<size_t>(action)].name; }

std::optional<ContractState> Next(ContractState from, ContractAction action) {
  return kTable[static_cast<size_t>(action)].to[Column(from)];
}

}  // namespace steward::orders
