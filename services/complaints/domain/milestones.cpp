#include "services/complaints/domain/milestones.h"

#include <algorithm>
#include <utility>

namespace steward::complaints {
namespace {

constexpr std::pair<std::string_view, Action> kActionsOfMilestones[] = {
    {kFirstResponded, Action::kRecordFirstResponse},
    {kSolutionProposed, Action::kProposeSolution},
    {kResolved, Action::kResolve},
    {kVerified, Action::kVerify},
    {kClosed, Action::kClose},
    {kReopened, Action::kReopen},
};

}  // namespace

bool IsExtraMilestone(std::string_view type) {
  return std::find(kExtraMilestones.begin(), kExtraMilestones.end(), type) !=
         kExtraMilestones.end();
}

std::optional<Action> ActionOf(std::string_view milestone) {
  for (const auto& [name, action] : kActionsOfMilestones) {
    if (name == milestone) {
      return action;
    }
  }
  return IsExtraMilestone(milestone) ? std::optional(Action::kRecordMilestone) : std::nullopt;
}

}  // namespace steward::complaints
