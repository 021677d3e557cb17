#include "services/leads/opportunity_metrics.h"

namespace steward::leads {

OpportunityMetrics::OpportunityMetrics(metrics::Registry& registry) {
  for (const MoveKind kind : kMoveKinds) {
    const std::string move(EventNameOf(kind).substr(EventNameOf(kind).find('.') + 1));
    const auto added =
        moves_.emplace(kind, registry.GetCounter("steward_opportunity_transitions_total",
                                                 "Moves of opportunities.", {{"move", move}}));
    added.first->second.Add(0);
  }
}

void OpportunityMetrics::Moved(const std::vector<OpportunityEvent>& events) const {
  for (const OpportunityEvent& event : events) {
    if (std::holds_alternative<Opened>(event.body)) {
      moves_.at(MoveKind::kOpened).Add();
    } else if (const auto* moved = std::get_if<leads::Moved>(&event.body); moved != nullptr) {
      moves_.at(moved->kind).Add();
    }
  }
}

}  // namespace steward::leads
