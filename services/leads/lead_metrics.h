#pragma once
// Business metrics of leads and touches.

#include <map>
#include <string>
#include <vector>

#include "libs/metrics/registry.h"
#include "services/leads/domain/lead_event.h"
#include "services/leads/domain/touch.h"

namespace steward::leads {

// steward_lead_transitions_total by move, and steward_touches_recorded_total by kind, a closed set: the catalogue. Sources of leads are
// free codes and would not be one. Thread-safe after construction.
class LeadMetrics {
 public:
  LeadMetrics(const TouchCatalogue& catalogue, metrics::Registry& registry);
  // The moves among these events; a touch is none.
  void Moved(const std::vector<LeadEvent>& events) const;
  void Touched(const std::string& kind) const;

 private:
  std::map<size_t, metrics::Counter> moves_;  // by the index of the event's body
  std::map<std::string, metrics::Counter> touches_;
};

}  // namespace steward::leads
