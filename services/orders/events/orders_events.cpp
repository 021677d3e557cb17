#include "services/orders/events/orders_events.h"

#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"

namespace steward::orders {
namespace {

using events::v1::OrdersEvent;

void ToProto(const ContractTerms& from, events::v1::ContractTerms* to) {
  to->set_customer(from.customer);
  to->set_opportunity(from.opportunity);
  to->set_kind(from.kind);
  to->set_region(from.region);
  rpc::ToProto(from.amount, to->mutable_amount());
  ToProto(from.plan, to->mutable_plan());
}

void FillMove(ContractState from, ContractState to, events::v1::ContractMoved* moved) {
  moved->set_from_state(std::string(NameOf(from)));
  moved->set_to_state(std::string(NameOf(to)));
}

void Fill(const ContractDrafted& from, OrdersEvent& out) {
  events::v1::ContractDrafted& to = *out.mutable_contract_drafted();
  ToProto(from.contract.terms, to.mutable_terms());
  to.set_owner(from.contract.owner);
  to.set_team(from.contract.team);
}

void Fill(const ContractChanged& from, OrdersEvent& out) {
  ToProto(from.from, out.mutable_contract_changed()->mutable_from_terms());
  ToProto(from.terms, out.mutable_contract_changed()->mutable_terms());
}

void Fill(const ContractAssigned& from, OrdersEvent& out) {
  events::v1::ContractAssigned& to = *out.mutable_contract_assigned();
  to.set_from_owner(from.from_owner);
  to.set_owner(from.owner);
  to.set_from_team(from.from_team);
  to.set_team(from.team);
}

void Fill(const ContractSubmitted& from, OrdersEvent& out) {
  events::v1::ContractSubmitted& to = *out.mutable_contract_submitted();
  to.set_flow(from.flow);
  to.set_flow_version(static_cast<int32_t>(from.flow_version));
  to.set_submitter(from.submitter);
  to.mutable_waiting_for()->Assign(from.waiting_for.begin(), from.waiting_for.end());
}

void Fill(const ContractApprovalGiven& from, OrdersEvent& out) {
  events::v1::ContractApprovalGiven& to = *out.mutable_contract_approval_given();
  to.set_node(from.node);
  to.set_member(from.member);
  to.mutable_waiting_for()->Assign(from.waiting_for.begin(), from.waiting_for.end());
}

void Fill(const ContractApproved& from, OrdersEvent& out) {
  events::v1::ContractApproved& to = *out.mutable_contract_approved();
  to.set_flow(from.flow);
  to.set_flow_version(static_cast<int32_t>(from.flow_version));
  to.set_member(from.member);
  *to.mutable_cycle() = rpc::ToProto(from.cycle);
  to.set_submitter(from.submitter);
  to.set_owner(from.owner);
  to.set_team(from.team);
  to.set_region(from.region);
}

void Fill(const ContractSentBack& from, OrdersEvent& out) {
  events::v1::ContractSentBack& to = *out.mutable_contract_sent_back();
  to.set_node(from.node);
  to.set_member(from.member);
  to.set_reason(from.reason);
}

void Fill(const ContractWithdrawn& from, OrdersEvent& out) {
  out.mutable_contract_withdrawn()->set_from_state(std::string(NameOf(from.from)));
}

void Fill(const ContractSigned& from, OrdersEvent& out) {
  events::v1::ContractSigned& to = *out.mutable_contract_signed();
  rpc::ToProto(from.signed_on, to.mutable_signed_on());
  ToProto(from.terms, to.mutable_terms());
  to.set_owner(from.owner);
  to.set_team(from.team);
}

void Fill(const ContractStarted&, OrdersEvent& out) {
  FillMove(ContractState::kSigned, ContractState::kInExecution, out.mutable_contract_started());
}

void Fill(const ContractCompleted&, OrdersEvent& out) {
  FillMove(ContractState::kInExecution, ContractState::kCompleted,
           out.mutable_contract_completed());
}

void Fill(const ContractArchived&, OrdersEvent& out) {
  FillMove(ContractState::kCompleted, ContractState::kArchived, out.mutable_contract_archived());
}

void Fill(const ContractCancelled& from, OrdersEvent& out) {
  events::v1::ContractCancelled& to = *out.mutable_contract_cancelled();
  to.set_reason(from.reason);
  to.set_from_state(std::string(NameOf(from.from)));
  to.set_opportunity(from.opportunity);
}

}  // namespace

void ToProto(const InstalmentPlan& from,
             google::protobuf::RepeatedPtrField<events::v1::PlannedInstalment>* to) {
  for (const Instalment& instalment : from) {
    events::v1::PlannedInstalment& added = *to->Add();
    added.set_number(to->size());
    rpc::ToProto(instalment.amount, added.mutable_amount());
    added.set_due(FormatDue(instalment.due));
  }
}

OrdersEvent ToProto(const ContractEvent& event) {
  OrdersEvent proto;
  std::visit([&proto](const auto& body) { Fill(body, proto); }, event.body);
  return proto;
}

std::vector<eventing::NewEvent> ToJournal(IdGenerator& ids, Time now, const Uuid& contract,
                                          const std::vector<ContractEvent>& contract_events) {
  std::vector<eventing::NewEvent> rows;
  for (const ContractEvent& event : contract_events) {
    rows.push_back(eventing::MakeEvent(ids, now, ContractName(contract), event.version,
                                       event.occurred_at, ToProto(event)));
  }
  return rows;
}

}  // namespace steward::orders
