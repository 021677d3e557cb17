#include "services/leads/domain/opportunity_event.h"

namespace steward::leads {

std::string_view EventNameOf(MoveKind kind) {
  switch (kind) {
    case MoveKind::kOpened:
      return "opportunity.opened";
    case MoveKind::kAdvanced:
      return "opportunity.advanced";
    case MoveKind::kWon:
      return "opportunity.won";
    case MoveKind::kLost:
      return "opportunity.lost";
    case MoveKind::kHibernated:
      return "opportunity.hibernated";
    case MoveKind::kWoken:
      return "opportunity.woken";
    case MoveKind::kReopened:
      return "opportunity.reopened";
  }
  return "";
}

const Transition* TransitionOf(const OpportunityEvent& event) {
  if (const auto* opened = std::get_if<Opened>(&event.body)) {
    return &opened->transition;
  }
  const auto* moved = std::get_if<Moved>(&event.body);
  return moved == nullptr ? nullptr : &moved->transition;
}

std::string StageOf(const std::vector<Transition>& log) { return log.empty() ? "" : log.back().to; }

}  // namespace steward::leads
