#pragma once
// Business metrics of opportunities.

#include <map>
#include <string>

#include "libs/metrics/registry.h"
#include "services/leads/domain/opportunity.h"

namespace steward::leads {

// steward_opportunity_transitions_total by move, a closed set: stages are data and would not be one. Thread-safe after construction.
class OpportunityMetrics {
 public:
  explicit OpportunityMetrics(metrics::Registry& registry);
  // The moves among these events.
  void Moved(const std::vector<OpportunityEvent>& events) const;

 private:
  std::map<MoveKind, metrics::Counter> moves_;
};

}  // namespace steward::leads
