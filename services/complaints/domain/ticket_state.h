#pragma once
// Where a ticket may stand and what may be done there. The table in ticket_state.cpp is the only
// place that decides it; ticket.cpp adds what depends on more than the state.

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace steward::complaints {

// Numbers as in `steward.complaints.v1.Ticket.State`; they are stored.
enum class State : int {
  kRecorded = 1,
  kFirstResponded = 2,
  kSolutionProposed = 3,
  kResolved = 4,
  kVerified = 5,
  kClosed = 6,
  kCancelled = 7,
};
inline constexpr std::array kStates = {
    State::kRecorded, State::kFirstResponded, State::kSolutionProposed, State::kResolved,
    State::kVerified, State::kClosed,         State::kCancelled,
};

enum class Action {
  kRecordFirstResponse,
  kProposeSolution,
  kResolve,
  kVerify,
  kClose,
  kReopen,
  kCancel,
  kHold,
  kResume,
  kAssign,
  kTransfer,
  kChangeSeverity,
  kChangeKind,
  kRecordMilestone,
  kAddNote,
};
inline constexpr std::array kActions = {
    Action::kRecordFirstResponse,
    Action::kProposeSolution,
    Action::kResolve,
    Action::kVerify,
    Action::kClose,
    Action::kReopen,
    Action::kCancel,
    Action::kHold,
    Action::kResume,
    Action::kAssign,
    Action::kTransfer,
    Action::kChangeSeverity,
    Action::kChangeKind,
    Action::kRecordMilestone,
    Action::kAddNote,
};

// `SOLUTION_PROPOSED`, as in the API.
std::string_view NameOf(State state);
std::optional<State> StateFromName(std::string_view name);
// `propose_solution`, as in refusals.
std::string_view NameOf(Action action);

// Where the action leads; nullopt = it may not be done there. The same state = the fact is
// recorded, the ticket stays.
std::optional<State> Next(State from, Action action);
// Neither closed nor cancelled.
constexpr bool IsOpen(State state) { return state != State::kClosed && state != State::kCancelled; }

}  // namespace steward::complaints
