#pragma once
// Where a campaign may stand and what may be done there. The table in campaign_state.cpp is the
// only place that decides it; campaign.cpp adds what depends on more than the state.

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace steward::leads {

// The numbers are stored.
enum class CampaignState : int {
  kPlanned = 1,
  kApproved = 2,  // seed 003: 营销总监汇报、批准
  kRunning = 3,
  kEnded = 4,
  kRecapSubmitted = 5,
  kArchived = 6,
  kCancelled = 7,  // called off before it began
};
inline constexpr std::array kCampaignStates = {
    CampaignState::kPlanned,  CampaignState::kApproved,       CampaignState::kRunning,
    CampaignState::kEnded,    CampaignState::kRecapSubmitted, CampaignState::kArchived,
    CampaignState::kCancelled};

enum class CampaignAction {
  kReschedule,
  kChangeBudget,
  kApprove,
  kRehearse,
  kStart,
  kEnd,
  kSubmitRecap,
  kArchive,
  kCancel,
  kRecordResults,
  kUpdate,
};
inline constexpr std::array kCampaignActions = {
    CampaignAction::kReschedule,    CampaignAction::kChangeBudget, CampaignAction::kApprove,
    CampaignAction::kRehearse,      CampaignAction::kStart,        CampaignAction::kEnd,
    CampaignAction::kSubmitRecap,   CampaignAction::kArchive,      CampaignAction::kCancel,
    CampaignAction::kRecordResults, CampaignAction::kUpdate};

// `RECAP_SUBMITTED`, as in the API.
std::string_view NameOf(CampaignState state);
std::optional<CampaignState> CampaignStateFromName(std::string_view name);
// `submit_recap`, as in refusals.
std::string_view NameOf(CampaignAction action);

// Where the action leads; nullopt = it may not be done there. The same state = the fact is
// recorded, the campaign stays.
std::optional<CampaignState> Next(CampaignState from, CampaignAction action);
// `approve, cancel, ...`: what may be done there.
std::string AllowedIn(CampaignState state);

}  // namespace steward::leads
