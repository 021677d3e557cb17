#include "services/complaints/domain/ticket_state.h"

#include <cstddef>

namespace steward::complaints {
namespace {

constexpr State R = State::kRecorded;
constexpr State F = State::kFirstResponded;
constexpr State P = State::kSolutionProposed;
constexpr State S = State::kResolved;
constexpr State V = State::kVerified;
constexpr State C = State::kClosed;
constexpr State X = State::kCancelled;
constexpr std::optional<State> o = std::nullopt;

struct Row {
  Action action;
  std::string_view name;
  std::array<std::optional<State>, kStates.size()> to;  // by the state it is done in
};

// Steps may be skipped forward: only what was said is recorded. A first response or a proposal
// that was skipped may be recorded later and leaves the ticket where it is, so that its clock can
// still be stopped.
// clang-format off
constexpr Row kTable[] = {
    //                                                         R  F  P  S  V  C  X
    {Action::kRecordFirstResponse, "record_first_response", {{F, o, P, S, V, C, o}}},
    {Action::kProposeSolution,     "propose_solution",      {{P, P, o, S, V, C, o}}},
    {Action::kResolve,             "resolve",               {{S, S, S, o, o, o, o}}},
    {Action::kVerify,              "verify",                {{o, o, o, V, o, o, o}}},
    {Action::kClose,               "close",                 {{o, o, o, C, C, o, o}}},
    {Action::kReopen,              "reopen",                {{o, o, o, R, R, R, o}}},
    {Action::kCancel,              "cancel",                {{X, X, X, X, X, o, o}}},
    {Action::kHold,                "hold",                  {{R, F, P, S, V, o, o}}},
    {Action::kResume,              "resume",                {{R, F, P, S, V, o, o}}},
    {Action::kAssign,              "assign",                {{R, F, P, S, V, o, o}}},
    {Action::kTransfer,            "transfer",              {{R, F, P, S, V, o, o}}},
    {Action::kChangeSeverity,      "change_severity",       {{R, F, P, S, V, o, o}}},
    {Action::kChangeKind,          "change_kind",           {{R, F, P, S, V, o, o}}},
    {Action::kRecordMilestone,     "record_milestone",      {{R, F, P, S, V, C, o}}},
    {Action::kAddNote,             "add_note",              {{R, F, P, S, V, C, o}}},
};
// clang-format on
static_assert(std::size(kTable) == kActions.size());

constexpr std::string_view kStateNames[] = {"RECORDED", "FIRST_RESPONDED", "SOLUTION_PROPOSED",
                                            "RESOLVED", "VERIFIED",        "CLOSED",
                                            "CANCELLED"};
static_assert(std::size(kStateNames) == kStates.size());

constexpr bool TableFollowsActions() {
  for (size_t i = 0; i < kActions.size(); ++i) {
    if (kTable[i].action != kActions[i]) {
      return false;
    }
  }
  return true;
}
static_assert(TableFollowsActions());

size_t Column(State state) { return static_cast<size_t>(state) - 1; }

}  // namespace

std::string_view NameOf(State state) { return kStateNames[Column(state)]; }

std::optional<State> StateFromName(std::string_view name) {
  for (const State state : kStates) {
    if (NameOf(state) == name) {
      return state;
    }
  }
  return std::nullopt;
}

std::string_view NameOf(Action action) { return kTable[static_cast<size_t>(action)].name; }

std::optional<State> Next(State from, Action action) {
  return kTable[static_cast<size_t>(action)].to[Column(from)];
}

}  // namespace steward::complaints
