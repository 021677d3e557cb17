#include "services/leads/lead_metrics.h"

#include <array>
#include <string_view>
#include <variant>

namespace steward::leads {
namespace {

// In the order of LeadEvent's bodies; empty = counted as a touch.
constexpr std::array<std::string_view, 7> kMoves = {
    "captured", "assigned", "", "converted", "disqualified", "recycled", "restored"};
static_assert(std::variant_size_v<decltype(LeadEvent::body)> == kMoves.size());
static_assert(
    std::is_same_v<std::variant_alternative_t<2, decltype(LeadEvent::body)>, LeadTouched>);

}  // namespace

LeadMetrics::LeadMetrics(const TouchCatalogue& catalogue, metrics::Registry& registry) {
  for (size_t i = 0; i < kMoves.size(); ++i) {
    if (!kMoves[i].empty()) {
      const auto added =
          moves_.emplace(i, registry.GetCounter("steward_lead_transitions_total", "Moves of leads.",
                                                {{"move", std::string(kMoves[i])}}));
      added.first->second.Add(0);
    }
  }
  for (const TouchKind& kind : catalogue.kinds) {
    const auto added = touches_.emplace(
        kind.id,
        registry.GetCounter("steward_touches_recorded_total",
                            "Touches of customers, leads and opportunities.", {{"kind", kind.id}}));
    added.first->second.Add(0);
  }
}

void LeadMetrics::Moved(const std::vector<LeadEvent>& events) const {
  for (const LeadEvent& event : events) {
    if (const auto found = moves_.find(event.body.index()); found != moves_.end()) {
      found->second.Add();
    }
  }
}

void LeadMetrics::Touched(const std::string& kind) const {
  if (const auto found = touches_.find(kind); found != touches_.end()) {
    found->second.Add();
  }
}

}  // namespace steward::leads
