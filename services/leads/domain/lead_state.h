#pragma once
// Where a lead may stand and what may be done there. The table in lead_state.cpp is the only place
// that decides it; lead.cpp adds what depends on more than the state.

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace steward::leads {

// The numbers are stored.
enum class LeadState : int {
  kCaptured = 1,
  kAssigned = 2,
  kContacted = 3,  // its owner, or somebody for them, reached the customer
  kConverted = 4,
  kDisqualified = 5,
  kRecycled = 6,  // back in the pool
};
inline constexpr std::array kLeadStates = {LeadState::kCaptured,     LeadState::kAssigned,
                                           LeadState::kContacted,    LeadState::kConverted,
                                           LeadState::kDisqualified, LeadState::kRecycled};

enum class LeadAction {
  kAssign,
  kTouch,    // nobody was reached
  kContact,  // an effective touch
  kConvert,
  kDisqualify,
  kRecycle,
  kRestore,  // a disqualification was a mistake
};
inline constexpr std::array kLeadActions = {
    LeadAction::kAssign,     LeadAction::kTouch,   LeadAction::kContact, LeadAction::kConvert,
    LeadAction::kDisqualify, LeadAction::kRecycle, LeadAction::kRestore};

// `CAPTURED`, as in the API.
std::string_view NameOf(LeadState state);
std::optional<LeadState> LeadStateFromName(std::string_view name);
// `convert`, as in refusals.
std::string_view NameOf(LeadAction action);

// Where the action leads; nullopt = it may not be done there. The same state = the fact is
// recorded, the lead stays.
std::optional<LeadState> Next(LeadState from, LeadAction action);
// `assign, contact, ...`: what may be done there.
std::string AllowedIn(LeadState state);

}  // namespace steward::leads
