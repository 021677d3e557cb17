#include "services/leads/events/campaign_events.h"

#include <string>

#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"

namespace steward::leads {
namespace {

using events::v1::LeadsEvent;

void Fill(const CampaignPlanned& from, LeadsEvent& out) {
  events::v1::CampaignPlanned& to = *out.mutable_campaign_planned();
  const CampaignData& campaign = from.campaign;
  to.set_kind(campaign.kind);
  to.mutable_kind_path()->Assign(from.kind_path.begin(), from.kind_path.end());
  to.set_owner(campaign.owner);
  to.set_team(campaign.team);
  to.set_region(campaign.region);
  rpc::ToProto(campaign.budget, to.mutable_budget());
  *to.mutable_planned_start_time() = rpc::ToProto(campaign.planned_start);
  *to.mutable_planned_end_time() = rpc::ToProto(campaign.planned_end);
}

void Fill(const CampaignRescheduled& from, LeadsEvent& out) {
  events::v1::CampaignRescheduled& to = *out.mutable_campaign_rescheduled();
  *to.mutable_from_planned_start_time() = rpc::ToProto(from.from_start);
  *to.mutable_from_planned_end_time() = rpc::ToProto(from.from_end);
  *to.mutable_planned_start_time() = rpc::ToProto(from.start);
  *to.mutable_planned_end_time() = rpc::ToProto(from.end);
}

void Fill(const CampaignBudgetChanged& from, LeadsEvent& out) {
  events::v1::CampaignBudgetChanged& to = *out.mutable_campaign_budget_changed();
  rpc::ToProto(from.from, to.mutable_from_budget());
  rpc::ToProto(from.to, to.mutable_budget());
  to.set_approval_voided(from.approval_voided);
}

// The field of a move. One of another action would be a bug of the domain: EventName crashes on it.
events::v1::CampaignMoved* MoveIn(CampaignAction action, LeadsEvent& out) {
  switch (action) {
    case CampaignAction::kApprove:
      return out.mutable_campaign_approved();
    case CampaignAction::kRehearse:
      return out.mutable_campaign_rehearsed();
    case CampaignAction::kStart:
      return out.mutable_campaign_started();
    case CampaignAction::kEnd:
      return out.mutable_campaign_ended();
    case CampaignAction::kSubmitRecap:
      return out.mutable_campaign_recap_submitted();
    case CampaignAction::kArchive:
      return out.mutable_campaign_archived();
    case CampaignAction::kCancel:
      return out.mutable_campaign_cancelled();
    case CampaignAction::kReschedule:
    case CampaignAction::kChangeBudget:
    case CampaignAction::kRecordResults:
    case CampaignAction::kUpdate:
      return nullptr;
  }
  return nullptr;
}

void Fill(const CampaignMoved& from, LeadsEvent& out) {
  if (events::v1::CampaignMoved* to = MoveIn(from.action, out); to != nullptr) {
    to->set_from_state(std::string(NameOf(from.from)));
    to->set_to_state(std::string(NameOf(from.to)));
    to->set_back_dated(from.back_dated);
  }
}

void Fill(const CampaignResultsRecorded& from, LeadsEvent& out) {
  events::v1::CampaignResultsRecorded& to = *out.mutable_campaign_results_recorded();
  if (from.results.cost) {
    rpc::ToProto(*from.results.cost, to.mutable_cost());
  }
  if (from.results.revenue) {
    rpc::ToProto(*from.results.revenue, to.mutable_revenue());
  }
  if (from.results.leads) {
    to.set_leads(*from.results.leads);
  }
  if (from.results.converted_leads) {
    to.set_converted_leads(*from.results.converted_leads);
  }
  if (from.results.new_customers) {
    to.set_new_customers(*from.results.new_customers);
  }
  to.set_owner(from.owner);
  to.set_team(from.team);
  to.set_region(from.region);
  if (from.ended_at) {
    *to.mutable_end_time() = rpc::ToProto(*from.ended_at);
  }
}

void Fill(const CampaignUpdated& from, LeadsEvent& out) {
  events::v1::CampaignUpdated& to = *out.mutable_campaign_updated();
  to.mutable_changed_fields()->Assign(from.changed_fields.begin(), from.changed_fields.end());
  to.set_from_owner(from.from.owner);
  to.set_owner(from.to.owner);
  to.set_from_team(from.from.team);
  to.set_team(from.to.team);
  to.set_from_region(from.from.region);
  to.set_region(from.to.region);
}

}  // namespace

LeadsEvent ToProto(const CampaignEvent& event) {
  LeadsEvent proto;
  std::visit([&](const auto& body) { Fill(body, proto); }, event.body);
  return proto;
}

std::vector<eventing::NewEvent> ToJournal(const Uuid& campaign,
                                          const std::vector<CampaignEvent>& campaign_events) {
  std::vector<eventing::NewEvent> rows;
  for (const CampaignEvent& event : campaign_events) {
    const LeadsEvent proto = ToProto(event);
    rows.push_back({event.event_id, CampaignName(campaign), event.version,
                    eventing::EventName(proto), event.occurred_at, proto.SerializeAsString()});
  }
  return rows;
}

}  // namespace steward::leads
