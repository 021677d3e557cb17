#include "services/orders/api/mapping.h"

#include <vector>

#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "services/orders/domain/contract.h"
#include "services/orders/storage/approval_codec.h"

namespace steward::orders {
namespace {

constexpr std::string_view kCollection = "contracts/";

std::string PlanField(int i, std::string_view part) {
  return "contract.plan[" + std::to_string(i) + "]." + std::string(part);
}

absl::StatusOr<DueCondition> DueFrom(int i, const pb::PlanItem& from) {
  switch (from.due_case()) {
    case pb::PlanItem::kDate: {
      ASSIGN_OR_RETURN(const absl::CivilDay day, rpc::FromProto(PlanField(i, "date"), from.date()));
      return DueCondition(day);
    }
    case pb::PlanItem::kAfter:
      if (from.after().event() == pb::PlanItem::DUE_EVENT_UNSPECIFIED) {
        return FieldInvalid(PlanField(i, "after.event"), "is SIGNED, DELIVERED or ACCEPTED");
      }
      return DueCondition(
          DueAfter{static_cast<DueEvent>(from.after().event()), from.after().days()});
    default:
      return FieldInvalid(PlanField(i, "due"), "is a `date`, or days `after` an event");
  }
}

absl::StatusOr<InstalmentPlan> PlanFrom(const Money& total, const pb::Contract& from) {
  std::vector<ShareDue> shares;
  InstalmentPlan plan;
  for (int i = 0; i < from.plan_size(); ++i) {
    const pb::PlanItem& item = from.plan(i);
    if (item.has_amount() == (item.basis_points() != 0)) {
      return FieldInvalid(PlanField(i, "amount"), "or `basis_points` is given, one of the two");
    }
    ASSIGN_OR_RETURN(DueCondition due, DueFrom(i, item));
    if (item.has_amount()) {
      ASSIGN_OR_RETURN(Money amount, rpc::FromProto(PlanField(i, "amount"), item.amount()));
      plan.push_back({due, std::move(amount)});
    } else {
      shares.push_back({due, item.basis_points()});
    }
  }
  if (!shares.empty() && !plan.empty()) {
    return FieldInvalid("contract.plan", "is by amounts or by shares, not both");
  }
  return shares.empty() ? absl::StatusOr<InstalmentPlan>(std::move(plan))
                        : PlanByShares(total, shares);
}

void ToProto(const InstalmentPlan& from, pb::Contract* to) {
  for (const Instalment& instalment : from) {
    pb::PlanItem& item = *to->add_plan();
    item.set_number(to->plan_size());
    if (const auto* after = std::get_if<DueAfter>(&instalment.due)) {
      item.mutable_after()->set_event(static_cast<pb::PlanItem::DueEvent>(after->event));
      item.mutable_after()->set_days(after->days);
    } else {
      rpc::ToProto(std::get<absl::CivilDay>(instalment.due), item.mutable_date());
    }
    rpc::ToProto(instalment.amount, item.mutable_amount());
  }
}

void Set(const std::optional<Time>& from, google::protobuf::Timestamp* (pb::Contract::*field)(),
         pb::Contract* to) {
  if (from) {
    *(to->*field)() = rpc::ToProto(*from);
  }
}

void ToProtoApprovals(const ContractData& from, pb::Contract* to) {
  for (const ApprovalData& run : from.approvals) {
    ToProto(run, to->add_approvals());
  }
  if (!from.approvals.empty()) {
    const std::vector<std::string> waiting = Approval(from.approvals.back()).WaitingFor();
    to->mutable_waiting_for()->Assign(waiting.begin(), waiting.end());
  }
  if (const std::optional<Duration> cycle = Contract(from).ApprovalCycle()) {
    *to->mutable_approval_cycle() = rpc::ToProto(*cycle);
  }
}

}  // namespace

absl::StatusOr<Uuid> ParseContractName(std::string_view field, std::string_view name) {
  RETURN_IF_ERROR(CheckName(field, "contracts", name));
  absl::StatusOr<Uuid> id = Uuid::Parse(name.substr(kCollection.size()));
  if (!id.ok() || ContractName(*id) != name) {
    return NotFound(name);
  }
  return id;
}

std::string EtagOf(int64_t version) { return "\"" + std::to_string(version) + "\""; }

std::optional<Time> OptionalTime(bool given, const google::protobuf::Timestamp& time) {
  return given ? std::optional(rpc::FromProto(time)) : std::nullopt;
}

absl::StatusOr<ContractTerms> TermsFrom(const pb::Contract& from) {
  rpc::Faults faults("contract");
  ContractTerms to;
  to.customer = faults.Name("customer", "customers", from.customer());
  if (to.customer.empty()) {
    faults.Add("customer", "is required");
  }
  to.opportunity = faults.Name("opportunity", "opportunities", from.opportunity());
  to.kind = faults.Line("kind", from.kind());
  to.region = faults.Line("region", from.region());
  RETURN_IF_ERROR(faults.status());
  ASSIGN_OR_RETURN(to.amount, rpc::FromProto("contract.amount", from.amount()));
  ASSIGN_OR_RETURN(to.plan, PlanFrom(to.amount, from));
  return to;
}

void ToProto(const ContractData& from, pb::Contract* to) {
  to->Clear();
  to->set_name(ContractName(from.id));
  to->set_customer(from.terms.customer);
  to->set_opportunity(from.terms.opportunity);
  to->set_kind(from.terms.kind);
  to->set_region(from.terms.region);
  rpc::ToProto(from.terms.amount, to->mutable_amount());
  ToProto(from.terms.plan, to);
  to->set_owner(from.owner);
  to->set_team(from.team);
  to->set_state(static_cast<pb::Contract::State>(from.state));
  *to->mutable_state_time() = rpc::ToProto(from.state_time);
  ToProtoApprovals(from, to);
  *to->mutable_draft_time() = rpc::ToProto(from.draft_time);
  Set(from.approve_time, &pb::Contract::mutable_approve_time, to);
  Set(from.sign_time, &pb::Contract::mutable_sign_time, to);
  Set(from.start_time, &pb::Contract::mutable_start_time, to);
  Set(from.complete_time, &pb::Contract::mutable_complete_time, to);
  Set(from.archive_time, &pb::Contract::mutable_archive_time, to);
  Set(from.cancel_time, &pb::Contract::mutable_cancel_time, to);
  if (from.signed_on) {
    rpc::ToProto(*from.signed_on, to->mutable_signed_on());
  }
  to->set_cancel_reason(from.cancel_reason);
  *to->mutable_update_time() = rpc::ToProto(from.update_time);
  to->set_etag(EtagOf(from.version));
}

}  // namespace steward::orders
