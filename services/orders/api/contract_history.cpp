#include "services/orders/api/contract_history.h"

#include <string>
#include <utility>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "steward/orders/events/v1/orders_events.pb.h"

namespace steward::orders {
namespace {

using events::v1::OrdersEvent;

class Changes {
 public:
  explicit Changes(v1::ContractChange common) : common_(std::move(common)) {}
  v1::ContractChange& Add(const std::string& field, const std::string& from,
                          const std::string& to) {
    v1::ContractChange change = common_;
    change.set_field(field);
    change.set_from(from);
    change.set_to(to);
    changes_.push_back(std::move(change));
    return changes_.back();
  }
  void AddDifferent(const std::string& field, const std::string& from, const std::string& to) {
    if (from != to) {
      Add(field, from, to);
    }
  }
  std::vector<v1::ContractChange> Take() {
    if (changes_.empty()) {
      Add("", "", "");  // an event of a later version, or one without a field
    }
    return std::move(changes_);
  }

 private:
  v1::ContractChange common_;
  std::vector<v1::ContractChange> changes_;
};

std::string AmountText(const google::type::Money& amount) {
  const absl::StatusOr<Money> money = rpc::FromProto("amount", amount);
  return money.ok() ? FormatMoney(*money) : "";
}

std::string PlanText(const events::v1::ContractTerms& terms) {
  std::string text;
  for (const events::v1::PlannedInstalment& instalment : terms.plan()) {
    text += (text.empty() ? "" : "; ") + AmountText(instalment.amount()) + ", " + instalment.due();
  }
  return text;
}

void FillTerms(const events::v1::ContractTerms& from, const events::v1::ContractTerms& to,
               Changes& changes) {
  changes.AddDifferent("customer", from.customer(), to.customer());
  changes.AddDifferent("opportunity", from.opportunity(), to.opportunity());
  changes.AddDifferent("kind", from.kind(), to.kind());
  changes.AddDifferent("region", from.region(), to.region());
  changes.AddDifferent("amount", AmountText(from.amount()), AmountText(to.amount()));
  changes.AddDifferent("plan", PlanText(from), PlanText(to));
}

void Fill(const OrdersEvent& event, Changes& changes) {
  switch (event.event_case()) {
    case OrdersEvent::kContractDrafted:
      changes.Add("state", "", "DRAFT");
      break;
    case OrdersEvent::kContractChanged:
      FillTerms(event.contract_changed().from_terms(), event.contract_changed().terms(), changes);
      break;
    case OrdersEvent::kContractAssigned: {
      const auto& assigned = event.contract_assigned();
      changes.Add("owner", assigned.from_owner(), assigned.owner());
      changes.AddDifferent("team", assigned.from_team(), assigned.team());
      break;
    }
    case OrdersEvent::kContractSubmitted:
      changes.Add("state", "DRAFT", "UNDER_APPROVAL");
      break;
    case OrdersEvent::kContractApprovalGiven:
      changes.Add("", "", "").set_node(event.contract_approval_given().node());
      break;
    case OrdersEvent::kContractApproved:
      changes.Add("state", "UNDER_APPROVAL", "APPROVED");
      break;
    case OrdersEvent::kContractSentBack: {
      v1::ContractChange& change = changes.Add("state", "UNDER_APPROVAL", "DRAFT");
      change.set_node(event.contract_sent_back().node());
      change.set_reason(event.contract_sent_back().reason());
      break;
    }
    case OrdersEvent::kContractWithdrawn:
      changes.Add("state", event.contract_withdrawn().from_state(), "DRAFT");
      break;
    case OrdersEvent::kContractSigned:
      changes.Add("state", "APPROVED", "SIGNED");
      break;
    case OrdersEvent::kContractStarted:
    case OrdersEvent::kContractCompleted:
    case OrdersEvent::kContractArchived: {
      const auto& moved = event.has_contract_started()     ? event.contract_started()
                          : event.has_contract_completed() ? event.contract_completed()
                                                           : event.contract_archived();
      changes.Add("state", moved.from_state(), moved.to_state());
      break;
    }
    case OrdersEvent::kContractCancelled:
      changes.Add("state", event.contract_cancelled().from_state(), "CANCELLED")
          .set_reason(event.contract_cancelled().reason());
      break;
    default:
      break;
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::ContractChange>> ContractChangesOf(const eventing::JournalRow& row) {
  OrdersEvent event;
  if (!event.ParseFromString(row.payload)) {
    return absl::InternalError("journal row of " + row.aggregate + " does not parse");
  }
  v1::ContractChange common;
  common.set_version(row.aggregate_version);
  common.set_type(row.type);
  *common.mutable_occurred_at() = rpc::ToProto(row.occurred_at);
  *common.mutable_recorded_at() = rpc::ToProto(row.recorded_at);
  common.set_actor(row.actor);
  Changes changes(std::move(common));
  Fill(event, changes);
  return changes.Take();
}

}  // namespace steward::orders
