#include "services/leads/api/opportunity_history.h"

#include <utility>

#include "libs/base/day.h"
#include "libs/base/money.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::leads {
namespace {

using events::v1::LeadsEvent;

class Changes {
 public:
  explicit Changes(v1::OpportunityChange common) : common_(std::move(common)) {}
  v1::OpportunityChange& Add(const std::string& field, const std::string& from,
                             const std::string& to) {
    v1::OpportunityChange& change = changes_.emplace_back(common_);
    change.set_field(field);
    change.set_from(from);
    change.set_to(to);
    return change;
  }
  void AddIfChanged(const std::string& field, const std::string& from, const std::string& to) {
    if (from != to) {
      Add(field, from, to);
    }
  }
  std::vector<v1::OpportunityChange> Take() { return std::move(changes_); }

 private:
  v1::OpportunityChange common_;
  std::vector<v1::OpportunityChange> changes_;
};

std::string TextOf(const google::type::Money& amount) {
  const absl::StatusOr<Money> money = rpc::FromProto("amount", amount);
  return money.ok() ? FormatMoney(*money) : "";
}

std::string TextOf(const google::type::Date& date) {
  const absl::StatusOr<absl::CivilDay> day = rpc::FromProto("expected_close", date);
  return day.ok() ? FormatDay(*day) : "";
}

const events::v1::OpportunityMoved* MoveOf(const LeadsEvent& event) {
  switch (event.event_case()) {
    case LeadsEvent::kOpportunityAdvanced:
      return &event.opportunity_advanced();
    case LeadsEvent::kOpportunityWon:
      return &event.opportunity_won();
    case LeadsEvent::kOpportunityLost:
      return &event.opportunity_lost();
    case LeadsEvent::kOpportunityHibernated:
      return &event.opportunity_hibernated();
    case LeadsEvent::kOpportunityWoken:
      return &event.opportunity_woken();
    case LeadsEvent::kOpportunityReopened:
      return &event.opportunity_reopened();
    default:
      return nullptr;
  }
}

void Fill(const LeadsEvent& event, Changes& changes) {
  if (const events::v1::OpportunityMoved* moved = MoveOf(event); moved != nullptr) {
    v1::OpportunityChange& change = changes.Add("stage", moved->from_stage(), moved->to_stage());
    *change.mutable_evidence() = moved->evidence();
    change.set_lost_reason(moved->lost_reason());
    change.set_back_dated(moved->back_dated());
    return;
  }
  switch (event.event_case()) {
    case LeadsEvent::kOpportunityOpened:
      changes.Add("stage", "", event.opportunity_opened().stage());
      break;
    case LeadsEvent::kOpportunityAmountChanged: {
      const auto& changed = event.opportunity_amount_changed();
      changes.Add("amount", TextOf(changed.from_amount()), TextOf(changed.amount()));
      break;
    }
    case LeadsEvent::kOpportunityCloseExpected: {
      const auto& changed = event.opportunity_close_expected();
      changes.Add("expected_close", TextOf(changed.from_expected_close()),
                  TextOf(changed.expected_close()));
      break;
    }
    case LeadsEvent::kOpportunityAssigned: {
      const auto& changed = event.opportunity_assigned();
      changes.AddIfChanged("owner", changed.from_owner(), changed.owner());
      changes.AddIfChanged("team", changed.from_team(), changed.team());
      changes.AddIfChanged("region", changed.from_region(), changed.region());
      break;
    }
    case LeadsEvent::kOpportunityContractCancelled: {
      const auto& cancelled = event.opportunity_contract_cancelled();
      v1::OpportunityChange& change =
          changes.Add("contract_state", cancelled.from_state(), "CANCELLED");
      change.set_contract(cancelled.contract());
      change.set_contract_cancel_reason(cancelled.reason());
      break;
    }
    default:
      changes.Add("", "", "");  // an event of a later version
      break;
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::OpportunityChange>> ChangesOf(
    const eventing::JournalRow& row, const std::vector<OpportunityNote>& notes) {
  LeadsEvent event;
  if (!event.ParseFromString(row.payload)) {
    return absl::InternalError("journal row of " + row.aggregate + " does not parse");
  }
  v1::OpportunityChange common;
  common.set_version(row.aggregate_version);
  common.set_type(row.type);
  *common.mutable_occurred_at() = rpc::ToProto(row.occurred_at);
  *common.mutable_recorded_at() = rpc::ToProto(row.recorded_at);
  common.set_actor(row.actor);
  for (const OpportunityNote& note : notes) {
    if (note.event_id == row.event_id) {
      common.set_lost_note(note.lost_note);
      common.set_reason(note.reason);
    }
  }
  Changes changes(std::move(common));
  Fill(event, changes);
  return changes.Take();
}

}  // namespace steward::leads
