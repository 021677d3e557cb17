#include "services/scoring/domain/lead_book.h"

#include <utility>

namespace steward::scoring {
namespace {

void AddTo(OutcomeCounts::Rows& rows, const OpportunityOutcome& outcome,
           const FeatureValue& feature) {
  Tally& count = rows[{outcome.team, feature}];
  (outcome.verdict == Verdict::kWon ? count.won : count.lost) += 1;
}

}  // namespace

LeadBook::LeadBook(Contents stored) : now_(std::move(stored)), before_(Counted()) {}

LeadRecord* LeadBook::Lead(const std::string& lead, int64_t version) {
  LeadRecord& record = now_.leads[lead];
  if (version <= record.version) {
    return nullptr;
  }
  record.lead = lead;
  record.version = version;
  leads_.insert(lead);
  return &record;
}

LeadOpportunity* LeadBook::Opportunity(const std::string& opportunity, const std::string& lead,
                                       int64_t version) {
  LeadOpportunity& found = now_.opportunities[opportunity];
  if (version <= found.version) {
    return nullptr;
  }
  found.opportunity = opportunity;
  found.version = version;
  found.lead = lead.empty() ? found.lead : lead;
  opportunities_.insert(opportunity);
  if (!found.lead.empty()) {
    now_.leads[found.lead].lead = found.lead;
    leads_.insert(found.lead);
  }
  return &found;
}

void LeadBook::Decide(const LeadOpportunity& opportunity, const Uuid& event, Verdict verdict) {
  now_.outcomes[event] = {event, opportunity.opportunity, 1, verdict, opportunity.team};
  outcomes_.insert(event);
}

void LeadBook::Withdraw(const LeadOpportunity& opportunity) {
  for (auto& [event, outcome] : now_.outcomes) {
    if (outcome.opportunity == opportunity.opportunity && outcome.verdict != Verdict::kWithdrawn) {
      outcome.verdict = Verdict::kWithdrawn;
      ++outcome.version;
      outcomes_.insert(event);
    }
  }
}

void LeadBook::Enter(const std::string& lead, LeadEvent event) {
  now_.leads[lead].lead = lead;
  leads_.insert(lead);
  events_.push_back({lead, std::move(event)});
}

OutcomeCounts::Rows LeadBook::Counted() const {
  OutcomeCounts::Rows rows;
  for (const auto& [event, outcome] : now_.outcomes) {
    if (outcome.verdict == Verdict::kWithdrawn) {
      continue;
    }
    AddTo(rows, outcome, {});
    const auto opportunity = now_.opportunities.find(outcome.opportunity);
    if (opportunity != now_.opportunities.end() && !opportunity->second.stage.empty()) {
      AddTo(rows, outcome, {kStageVariable, opportunity->second.stage});
    }
    const auto lead = opportunity == now_.opportunities.end()
                          ? now_.leads.end()
                          : now_.leads.find(opportunity->second.lead);
    if (lead != now_.leads.end()) {
      for (const FeatureValue& feature : WinFeaturesOf(lead->second)) {
        AddTo(rows, outcome, feature);
      }
    }
  }
  return rows;
}

LeadBook::Changes LeadBook::Take() {
  Changes changes;
  for (const std::string& name : leads_) {
    LeadRecord& lead = now_.leads[name];
    std::vector<LeadOpportunity> opportunities;
    for (const auto& [key, opportunity] : now_.opportunities) {
      if (opportunity.lead == name) {
        opportunities.push_back(opportunity);
      }
    }
    lead.open = IsOpen(lead, opportunities);
    changes.leads.push_back(lead);
    changes.marks.push_back(name);
  }
  for (const std::string& name : opportunities_) {
    changes.opportunities.push_back(now_.opportunities[name]);
  }
  for (const Uuid& event : outcomes_) {
    changes.outcomes.push_back(now_.outcomes[event]);
  }
  changes.events = std::move(events_);
  changes.counts = Counted();
  for (const auto& [key, count] : before_) {
    changes.counts[key].won -= count.won;
    changes.counts[key].lost -= count.lost;
  }
  std::erase_if(changes.counts, [](const auto& row) { return row.second == Tally{}; });
  return changes;
}

}  // namespace steward::scoring
