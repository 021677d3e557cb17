#include "services/leads/events/opportunity_events.h"

#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"

namespace steward::leads {
namespace {

using events::v1::LeadsEvent;

int ChanceIn(const Pipeline& pipeline, const std::string& stage) {
  const Stage* found = pipeline.Find(stage);
  return found == nullptr ? 0 : found->win_basis_points;
}

void Fill(const Pipeline& pipeline, const OpportunityData&, const Opened& from, LeadsEvent& out) {
  events::v1::OpportunityOpened& to = *out.mutable_opportunity_opened();
  const OpportunityData& data = from.opportunity;
  to.set_pipeline(data.pipeline);
  to.set_pipeline_version(data.pipeline_version);
  to.set_stage(data.stage);
  to.set_win_basis_points(ChanceIn(pipeline, data.stage));
  to.set_customer(data.customer);
  to.set_lead(data.lead);
  to.set_campaign(data.campaign);
  to.set_owner(data.owner);
  to.set_team(data.team);
  to.set_region(data.region);
  if (data.amount) {
    rpc::ToProto(*data.amount, to.mutable_amount());
  }
  if (data.expected_close) {
    rpc::ToProto(*data.expected_close, to.mutable_expected_close());
  }
}

events::v1::OpportunityMoved& BodyOf(MoveKind kind, LeadsEvent& out) {
  switch (kind) {
    case MoveKind::kWon:
      return *out.mutable_opportunity_won();
    case MoveKind::kLost:
      return *out.mutable_opportunity_lost();
    case MoveKind::kHibernated:
      return *out.mutable_opportunity_hibernated();
    case MoveKind::kWoken:
      return *out.mutable_opportunity_woken();
    case MoveKind::kReopened:
      return *out.mutable_opportunity_reopened();
    case MoveKind::kOpened:
    case MoveKind::kAdvanced:
      break;
  }
  return *out.mutable_opportunity_advanced();
}

void Fill(const Pipeline& pipeline, const OpportunityData& after, const Moved& from,
          LeadsEvent& out) {
  events::v1::OpportunityMoved& to = BodyOf(from.kind, out);
  to.set_from_stage(from.transition.from);
  to.set_to_stage(from.transition.to);
  to.set_win_basis_points(ChanceIn(pipeline, from.transition.to));
  to.set_cycle(from.cycle);
  *to.mutable_from_stage_time() = rpc::ToProto(from.from_stage_time);
  to.set_lost_reason(from.lost_reason);
  to.set_back_dated(from.back_dated);
  for (const Proof& proof : from.proofs) {
    to.add_evidence(proof.code);
  }
  to.set_customer(after.customer);
  to.set_owner(after.owner);
  to.set_team(after.team);
  to.set_region(after.region);
  to.set_lead(after.lead);
  to.set_campaign(after.campaign);
  if (after.amount) {
    rpc::ToProto(*after.amount, to.mutable_amount());
  }
}

void Fill(const Pipeline&, const OpportunityData&, const AmountChanged& from, LeadsEvent& out) {
  events::v1::OpportunityAmountChanged& to = *out.mutable_opportunity_amount_changed();
  if (from.from) {
    rpc::ToProto(*from.from, to.mutable_from_amount());
  }
  rpc::ToProto(from.to, to.mutable_amount());
}

void Fill(const Pipeline&, const OpportunityData&, const CloseExpected& from, LeadsEvent& out) {
  events::v1::OpportunityCloseExpected& to = *out.mutable_opportunity_close_expected();
  if (from.from) {
    rpc::ToProto(*from.from, to.mutable_from_expected_close());
  }
  rpc::ToProto(from.to, to.mutable_expected_close());
}

void Fill(const Pipeline&, const OpportunityData&, const OpportunityAssigned& from,
          LeadsEvent& out) {
  events::v1::OpportunityAssigned& to = *out.mutable_opportunity_assigned();
  to.set_from_owner(from.from_owner);
  to.set_owner(from.owner);
  to.set_from_team(from.from_team);
  to.set_team(from.team);
  to.set_from_region(from.from_region);
  to.set_region(from.region);
}

void Fill(const Pipeline&, const OpportunityData& after, const ContractCancelled& from,
          LeadsEvent& out) {
  events::v1::OpportunityContractCancelled& to = *out.mutable_opportunity_contract_cancelled();
  to.set_contract(from.contract);
  to.set_reason(from.reason);
  to.set_from_state(from.from_state);
  to.set_owner(after.owner);
  to.set_team(after.team);
}

// An amount that a later event of the same command gives is not yet there at an earlier one.
std::optional<Money> FirstAmount(const Opportunity& opportunity) {
  const auto* opened = std::get_if<Opened>(&opportunity.events().front().body);
  return opened == nullptr ? opportunity.data().amount : opened->opportunity.amount;
}

}  // namespace

LeadsEvent ToProto(const Pipeline& pipeline, const OpportunityData& after,
                   const OpportunityEvent& event) {
  LeadsEvent proto;
  std::visit([&](const auto& body) { Fill(pipeline, after, body, proto); }, event.body);
  return proto;
}

std::vector<eventing::NewEvent> ToJournal(const Opportunity& opportunity) {
  std::vector<eventing::NewEvent> rows;
  if (opportunity.events().empty()) {
    return rows;
  }
  OpportunityData after = opportunity.data();
  after.amount = FirstAmount(opportunity);
  for (const OpportunityEvent& event : opportunity.events()) {
    if (const auto* moved = std::get_if<Moved>(&event.body); moved != nullptr && moved->amount) {
      after.amount = moved->amount;
    }
    const LeadsEvent proto = ToProto(opportunity.pipeline(), after, event);
    rows.push_back({.event_id = event.event_id,
                    .aggregate = OpportunityName(after.id),
                    .aggregate_version = event.version,
                    .type = eventing::EventName(proto),
                    .occurred_at = event.occurred_at,
                    .payload = proto.SerializeAsString()});
  }
  return rows;
}

}  // namespace steward::leads
