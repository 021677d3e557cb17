#include "services/leads/campaign_metrics.h"

#include <string>
#include <utility>

namespace steward::leads {
namespace {

constexpr std::pair<CampaignAction, const char*> kMoves[] = {
    {CampaignAction::kApprove, "approved"},     {CampaignAction::kRehearse, "rehearsed"},
    {CampaignAction::kStart, "started"},        {CampaignAction::kEnd, "ended"},
    {CampaignAction::kSubmitRecap, "recapped"}, {CampaignAction::kArchive, "archived"},
    {CampaignAction::kCancel, "cancelled"}};

metrics::Counter CounterOf(metrics::Registry& registry, const char* move) {
  metrics::Counter counter = registry.GetCounter("steward_campaign_transitions_total",
                                                 "Moves of campaigns.", {{"move", move}});
  counter.Add(0);
  return counter;
}

}  // namespace

CampaignMetrics::CampaignMetrics(metrics::Registry& registry)
    : planned_(CounterOf(registry, "planned")) {
  for (const auto& [action, move] : kMoves) {
    moves_.emplace(action, CounterOf(registry, move));
  }
}

void CampaignMetrics::Moved(const std::vector<CampaignEvent>& events) const {
  for (const CampaignEvent& event : events) {
    if (std::holds_alternative<CampaignPlanned>(event.body)) {
      planned_.Add();
    } else if (const auto* moved = std::get_if<CampaignMoved>(&event.body); moved != nullptr) {
      if (const auto found = moves_.find(moved->action); found != moves_.end()) {
        found->second.Add();
      }
    }
  }
}

}  // namespace steward::leads
