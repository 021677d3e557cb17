#include "services/leads/events/contract_inputs.h"

#include <string_view>

#include "libs/base/status.h"
#include "libs/eventing/journal.h"
#include "libs/rpc/validate.h"
#include "services/leads/events/opportunity_events.h"
#include "services/leads/storage/opportunity_store.h"
#include "steward/leads/events/v1/leads_events.pb.h"
#include "steward/orders/events/v1/orders_events.pb.h"

namespace steward::leads {
namespace {

using orders::events::v1::OrdersEvent;

constexpr rpc::Reach Everything() { return {true, {}, {}}; }

const OrdersEvent& MessageOf(const eventing::Event& event) {
  return static_cast<const OrdersEvent&>(*event.message);
}

// The opportunity that a contract names; nullopt = none, or one that no id could have.
std::optional<Uuid> OpportunityIn(std::string_view name) {
  constexpr std::string_view kCollection = "opportunities/";
  if (!name.starts_with(kCollection)) {
    return std::nullopt;
  }
  const absl::StatusOr<Uuid> id = Uuid::Parse(name.substr(kCollection.size()));
  return id.ok() ? std::optional(*id) : std::nullopt;
}

// The state that a contract came to; empty = it did not move.
std::string StateAfter(const OrdersEvent& event) {
  switch (event.event_case()) {
    case OrdersEvent::kContractDrafted:
    case OrdersEvent::kContractSentBack:
    case OrdersEvent::kContractWithdrawn:
      return "DRAFT";
    case OrdersEvent::kContractSubmitted:
      return "UNDER_APPROVAL";
    case OrdersEvent::kContractApproved:
      return "APPROVED";
    case OrdersEvent::kContractSigned:
      return "SIGNED";
    case OrdersEvent::kContractStarted:
      return event.contract_started().to_state();
    case OrdersEvent::kContractCompleted:
      return event.contract_completed().to_state();
    case OrdersEvent::kContractArchived:
      return event.contract_archived().to_state();
    default:
      return "";
  }
}

absl::Status Cancel(pg::Tx& tx, const InputDeps& deps, const eventing::Event& event,
                    const Uuid& id) {
  const auto& cancelled = MessageOf(event).contract_cancelled();
  const pg::Pending row = QueueLoad(tx, id, Everything());
  RETURN_IF_ERROR(tx.Flush());
  if (row->rows() == 0) {
    return NotFound(OpportunityName(id));
  }
  StoredOpportunity stored = ReadOpportunity(*row, 0);
  ASSIGN_OR_RETURN(const Pipeline* pipeline,
                   deps.pipelines->Find(tx, stored.data.pipeline, stored.data.pipeline_version));
  Opportunity opportunity(*pipeline, std::move(stored.data));
  const Time now = deps.clock->Now();
  const eventing::Origin origin{"system:leads", event.origin.correlation, event.event_id.ToString(),
                                event.origin.traceparent};
  opportunity.CancelContract({event.aggregate, cancelled.reason(), cancelled.from_state()},
                             {.actor = origin.actor,
                              .now = now,
                              .given = event.occurred_at,
                              .event_id = deps.ids->NewId(now)});
  if (opportunity.events().empty()) {
    return absl::OkStatus();
  }
  QueueContractCancelled(tx, opportunity);
  return eventing::Append(tx, origin, ToJournal(opportunity),
                          events::v1::LeadsEvent::default_instance());
}

}  // namespace

std::string CancelledFor(const eventing::Event& event) {
  if (event.topic != kOrdersTopic || !MessageOf(event).has_contract_cancelled()) {
    return "";
  }
  const auto id = OpportunityIn(MessageOf(event).contract_cancelled().opportunity());
  return id ? OpportunityName(*id) : "";
}

absl::Status ApplyContractEvent(pg::Tx& tx, const InputDeps& deps, const eventing::Event& event) {
  const OrdersEvent& message = MessageOf(event);
  if (const std::string name = CancelledFor(event); !name.empty()) {
    return Cancel(tx, deps, event, *OpportunityIn(name));
  }
  const std::string state = StateAfter(message);
  if (state.empty()) {
    return absl::OkStatus();
  }
  if (!message.has_contract_drafted()) {
    QueueContractMoved(tx, event.aggregate, state);
    return absl::OkStatus();
  }
  if (const auto id = OpportunityIn(message.contract_drafted().terms().opportunity()); id) {
    QueueContractDrafted(tx, *id, event.aggregate, event.recorded_at, state);
  }
  return absl::OkStatus();
}

}  // namespace steward::leads
