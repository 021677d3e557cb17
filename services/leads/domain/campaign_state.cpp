#include "services/leads/domain/campaign_state.h"

#include <cstddef>
#include <iterator>
#include <vector>

#include "libs/base/refusals.h"

namespace steward::leads {
namespace {

constexpr CampaignState P = CampaignState::kPlanned;
constexpr CampaignState A = CampaignState::kApproved;
constexpr CampaignState R = CampaignState::kRunning;
constexpr CampaignState E = CampaignState::kEnded;
constexpr CampaignState S = CampaignState::kRecapSubmitted;
constexpr CampaignState X = CampaignState::kArchived;
constexpr CampaignState C = CampaignState::kCancelled;
constexpr std::optional<CampaignState> o = std::nullopt;

struct Row {
  CampaignAction action;
  std::string_view name;
  std::array<std::optional<CampaignState>, kCampaignStates.size()> to;  // by where it is done
};

// Another budget needs another approval. A rehearsal may be recorded late, so that its clock can
// still be stopped; one that is running is ended early, not cancelled.
// clang-format off
constexpr Row kTable[] = {
    //                                                 P  A  R  E  S  X  C
    {CampaignAction::kReschedule,    "reschedule",     {{P, A, o, o, o, o, o}}},
    {CampaignAction::kChangeBudget,  "change_budget",  {{P, P, o, o, o, o, o}}},
    {CampaignAction::kApprove,       "approve",        {{A, o, o, o, o, o, o}}},
    {CampaignAction::kRehearse,      "rehearse",       {{P, A, R, E, o, o, o}}},
    {CampaignAction::kStart,         "start",          {{o, R, o, o, o, o, o}}},
    {CampaignAction::kEnd,           "end",            {{o, o, E, o, o, o, o}}},
    {CampaignAction::kSubmitRecap,   "submit_recap",   {{o, o, o, S, o, o, o}}},
    {CampaignAction::kArchive,       "archive",        {{o, o, o, o, X, o, o}}},
    {CampaignAction::kCancel,        "cancel",         {{C, C, o, o, o, o, o}}},
    {CampaignAction::kRecordResults, "record_results", {{o, A, R, E, S, o, o}}},
    {CampaignAction::kUpdate,        "update",         {{P, A, R, E, S, o, o}}},
};
// clang-format on
static_assert(std::size(kTable) == kCampaignActions.size());

constexpr std::string_view kStateNames[] = {"PLANNED",         "APPROVED", "RUNNING",  "ENDED",
                                            "RECAP_SUBMITTED", "ARCHIVED", "CANCELLED"};
static_assert(std::size(kStateNames) == kCampaignStates.size());

size_t Column(CampaignState state) { return static_cast<size_t>(state) - 1; }

}  // namespace

std::string_view NameOf(CampaignState state) { return kStateNames[Column(state)]; }

std::optional<CampaignState> CampaignStateFromName(std::string_view name) {
  for (const CampaignState state : kCampaignStates) {
    if (NameOf(state) == name) {
      return state;
    }
  }
  return std::nullopt;
}

std::string_view NameOf(CampaignAction action) { return kTable[static_cast<size_t>(action)].name; }

std::optional<CampaignState> Next(CampaignState from, CampaignAction action) {
  return kTable[static_cast<size_t>(action)].to[Column(from)];
}

std::string AllowedIn(CampaignState state) {
  std::vector<std::string_view> allowed;
  for (const CampaignAction action : kCampaignActions) {
    if (Next(state, action)) {
      allowed.push_back(NameOf(action));
    }
  }
  return Join(allowed);
}

}  // namespace steward::leads
