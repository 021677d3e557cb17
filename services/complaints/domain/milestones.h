#pragma once
// Names of facts that policies may start or stop at: event names.

#include <array>
#include <optional>
#include <string_view>

#include "services/complaints/domain/ticket_state.h"

namespace steward::complaints {

inline constexpr std::string_view kFirstResponded = "ticket.first_responded";
inline constexpr std::string_view kSolutionProposed = "ticket.solution_proposed";
inline constexpr std::string_view kResolved = "ticket.resolved";
inline constexpr std::string_view kVerified = "ticket.verified";
inline constexpr std::string_view kClosed = "ticket.closed";
inline constexpr std::string_view kReopened = "ticket.reopened";

// Recorded by RecordMilestone; a kind lists which of them it may have (POI-001 to POI-006).
inline constexpr std::array<std::string_view, 6> kExtraMilestones = {
    "opinion.alert_responded", "opinion.graded_response_started",
    "opinion.crisis_started",  "opinion.responded",
    "opinion.recovered",       "review.replied",
};

bool IsExtraMilestone(std::string_view type);
// The action that records a milestone; nullopt = there is no such milestone.
std::optional<Action> ActionOf(std::string_view milestone);

}  // namespace steward::complaints
