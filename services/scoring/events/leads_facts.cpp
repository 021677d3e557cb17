// Leads, touches, opportunities and campaigns as facts.

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "services/scoring/events/facts.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::scoring {
namespace {

namespace pb = leads::events::v1;

void Captured(const pb::LeadCaptured& m, absl::CivilDay day, Source& source,
              std::vector<Step>& steps) {
  source.qualifier = m.channel();
  source.of = DimensionsOf(m);
  source.flag = !m.campaign().empty();
  steps.emplace_back(Count("leads_captured", day, source.of, source.qualifier));
  if (source.flag) {
    steps.emplace_back(Count("campaign_leads_captured", day, source.of, source.qualifier));
  }
}

void Converted(const pb::LeadConverted& m, absl::CivilDay day, const Source& source,
               std::vector<Step>& steps) {
  steps.emplace_back(Count("leads_converted", day, DimensionsOf(m), source.qualifier));
  if (source.flag || !m.campaign().empty()) {
    steps.emplace_back(Count("campaign_leads_converted", day, DimensionsOf(m), source.qualifier));
  }
}

void Touched(const pb::TouchRecorded& m, absl::CivilDay day, std::vector<Step>& steps) {
  const Dimensions of = DimensionsOf(m);
  steps.emplace_back(Count("touches", day, of, m.kind()));
  if (m.effective()) {
    steps.emplace_back(Count("effective_touches", day, of, m.kind()));
    if (m.in_person()) {
      steps.emplace_back(Count("effective_visits", day, of, m.kind()));
    }
  }
}

absl::Status Won(const pb::OpportunityMoved& m, absl::CivilDay day, std::vector<Step>& steps) {
  const Dimensions of = DimensionsOf(m);
  steps.emplace_back(Count("won_count", day, of));
  if (m.has_amount()) {
    ASSIGN_OR_RETURN(const Money amount, rpc::FromProto("amount", m.amount()));
    steps.emplace_back(Amount("won_amount", day, of, amount));
  }
  return absl::OkStatus();
}

// The results are what is known now: what was said before is taken back where it counted.
absl::Status Results(const pb::CampaignResultsRecorded& m, absl::CivilDay day,
                     std::vector<Step>& steps) {
  const Dimensions of = DimensionsOf(m);
  steps.emplace_back(TakeBack{{"campaign_cost", "campaign_revenue"}, true});
  if (m.has_cost()) {
    ASSIGN_OR_RETURN(const Money cost, rpc::FromProto("cost", m.cost()));
    steps.emplace_back(Amount("campaign_cost", day, of, cost));
  }
  if (m.has_revenue()) {
    ASSIGN_OR_RETURN(const Money revenue, rpc::FromProto("revenue", m.revenue()));
    steps.emplace_back(Amount("campaign_revenue", day, of, revenue));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Step>> Mapper::Leads(const eventing::Event& event,
                                                Source& source) const {
  const auto& message = static_cast<const pb::LeadsEvent&>(*event.message);
  const absl::CivilDay day = DayOf(event.occurred_at);
  std::vector<Step> steps;
  switch (message.event_case()) {
    case pb::LeadsEvent::kLeadCaptured:
      Captured(message.lead_captured(), day, source, steps);
      break;
    case pb::LeadsEvent::kLeadAssigned:
      source.of.member = message.lead_assigned().owner();
      source.of.team = message.lead_assigned().team();
      break;
    case pb::LeadsEvent::kLeadConverted:
      Converted(message.lead_converted(), day, source, steps);
      break;
    case pb::LeadsEvent::kLeadDisqualified:
      steps.emplace_back(
          Count("leads_disqualified", day, source.of, message.lead_disqualified().reason()));
      break;
    case pb::LeadsEvent::kLeadRestored:
      steps.emplace_back(TakeBack{{"leads_disqualified"}});
      break;
    case pb::LeadsEvent::kTouchRecorded:
      Touched(message.touch_recorded(), day, steps);
      break;
    case pb::LeadsEvent::kOpportunityOpened:
      steps.emplace_back(Count("opened_count", day, DimensionsOf(message.opportunity_opened()),
                               message.opportunity_opened().pipeline()));
      break;
    case pb::LeadsEvent::kOpportunityWon:
      RETURN_IF_ERROR(Won(message.opportunity_won(), day, steps));
      break;
    case pb::LeadsEvent::kOpportunityLost:
      steps.emplace_back(Count("lost_count", day, DimensionsOf(message.opportunity_lost()),
                               message.opportunity_lost().lost_reason()));
      break;
    case pb::LeadsEvent::kOpportunityReopened:
      steps.emplace_back(TakeBack{{"won_count", "won_amount", "lost_count"}});
      break;
    case pb::LeadsEvent::kCampaignResultsRecorded: {
      const auto& results = message.campaign_results_recorded();
      RETURN_IF_ERROR(
          Results(results, results.has_end_time() ? DayOf(rpc::FromProto(results.end_time())) : day,
                  steps));
      break;
    }
    default:
      break;  // nothing is counted of the others
  }
  return steps;
}

}  // namespace steward::scoring
