#include "services/leads/domain/lead_state.h"

#include <cstddef>
#include <iterator>
#include <vector>

#include "libs/base/refusals.h"

namespace steward::leads {
namespace {

constexpr LeadState P = LeadState::kCaptured;
constexpr LeadState A = LeadState::kAssigned;
constexpr LeadState C = LeadState::kContacted;
constexpr LeadState V = LeadState::kConverted;
constexpr LeadState D = LeadState::kDisqualified;
constexpr LeadState R = LeadState::kRecycled;
constexpr std::optional<LeadState> o = std::nullopt;

struct Row {
  LeadAction action;
  std::string_view name;
  std::array<std::optional<LeadState>, kLeadStates.size()> to;  // by the state it is done in
};

// What is converted needs an owner, since the opportunity inherits it. A new owner has reached
// nobody yet. Touches of a lead without owner are kept and leave it in the pool.
// clang-format off
constexpr Row kTable[] = {
    //                                        P  A  C  V  D  R
    {LeadAction::kAssign,     "assign",     {{A, A, A, o, o, A}}},
    {LeadAction::kTouch,      "touch",      {{P, A, C, o, o, R}}},
    {LeadAction::kContact,    "contact",    {{P, C, C, o, o, R}}},
    {LeadAction::kConvert,    "convert",    {{o, V, V, o, o, o}}},
    {LeadAction::kDisqualify, "disqualify", {{D, D, D, o, o, D}}},
    {LeadAction::kRecycle,    "recycle",    {{o, R, R, o, o, o}}},
    {LeadAction::kRestore,    "restore",    {{o, o, o, o, R, o}}},
};
// clang-format on
static_assert(std::size(kTable) == kLeadActions.size());

constexpr std::string_view kStateNames[] = {"CAPTURED",  "ASSIGNED",     "CONTACTED",
                                            "CONVERTED", "DISQUALIFIED", "RECYCLED"};
static_assert(std::size(kStateNames) == kLeadStates.size());

size_t Column(LeadState state) { return static_cast<size_t>(state) - 1; }

}  // namespace

std::string_view NameOf(LeadState state) { return kStateNames[Column(state)]; }

std::optional<LeadState> LeadStateFromName(std::string_view name) {
  for (const LeadState state : kLeadStates) {
    if (NameOf(state) == name) {
      return state;
    }
  }
  return std::nullopt;
}

std::string_view NameOf(LeadAction action) { return kTable[static_cast<size_t>(action)].name; }

std::optional<LeadState> Next(LeadState from, LeadAction action) {
  return kTable[static_cast<size_t>(action)].to[Column(from)];
}

std::string AllowedIn(LeadState state) {
  std::vector<std::string_view> allowed;
  for (const LeadAction action : kLeadActions) {
    if (Next(state, action)) {
      allowed.push_back(NameOf(action));
    }
  }
  return Join(allowed);
}

}  // namespace steward::leads
