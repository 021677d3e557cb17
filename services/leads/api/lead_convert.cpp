// ConvertLead: exactly once, with the opportunity and, where it is new, the customer in the same transaction.

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/values.h"
#include "services/leads/api/lead_pool_api.h"
#include "services/leads/api/mapping.h"
#include "services/leads/api/opportunity_mapping.h"
#include "services/leads/api/pipeline_mapping.h"
#include "services/leads/domain/customer.h"
#include "services/leads/events/lead_events.h"
#include "services/leads/events/leads_events.h"
#include "services/leads/events/opportunity_events.h"
#include "services/leads/storage/opportunity_store.h"

namespace steward::leads {
namespace {

constexpr char kDefaultPipeline[] = "default";
constexpr std::string_view kPipelines = "pipelines/";

absl::Status Taken(const std::string& name) {
  return Refuse(absl::StatusCode::kAlreadyExists, name + " is there already",
                {"ALREADY_EXISTS", {{"name", name}}, {}, {}});
}

absl::Status UnknownCustomer(const std::string& customer) {
  return FieldInvalid("customer", "`" + customer + "` is no customer");
}

// Of a new one, that its id is free; of any other, that it is there.
absl::Status CheckCustomer(pg::Tx& tx, const std::string& customer, bool is_new) {
  const pg::Pending known =
      QueueKnownCustomers(tx, {customer.substr(std::string_view("customers/").size())});
  RETURN_IF_ERROR(tx.Flush());
  if (is_new) {
    return known->rows() == 0 ? absl::OkStatus() : Taken(customer);
  }
  return known->rows() > 0 ? absl::OkStatus() : UnknownCustomer(customer);
}

// Who answers for the lead answers for its customer.
CustomerData NewCustomer(CustomerData data, const LeadData& lead) {
  if (data.facts.owner.empty()) {
    data.facts.owner = lead.owner;
    data.facts.team = data.facts.team.empty() ? lead.team : data.facts.team;
  }
  return data;
}

}  // namespace

absl::StatusOr<LeadPoolApi::Conversion> LeadPoolApi::ConversionOf(
    const pb::ConvertLeadRequest& request, Time now) const {
  rpc::Faults faults;
  Conversion to;
  OpportunityData& data = to.opportunity;
  data.id = NewId(now);
  data.lead = request.name();
  const std::string pipeline = faults.Name("pipeline", "pipelines", request.pipeline());
  data.pipeline = pipeline.empty() ? kDefaultPipeline
                                   : pipeline.substr(std::min(pipeline.size(), kPipelines.size()));
  data.stage = faults.Line("stage", request.stage());
  data.region = faults.Line("region", request.region());
  if (request.has_amount()) {
    const absl::StatusOr<Money> amount = rpc::FromProto("amount", request.amount());
    faults.Add(amount.status());
    data.amount = amount.ok() ? std::optional(*amount) : std::nullopt;
  }
  absl::StatusOr<std::vector<Proof>> proofs = FromProto(request.evidence());
  faults.Add(proofs.status());
  if (proofs.ok()) {
    data.proofs = *std::move(proofs);
  }
  if (request.has_expected_close()) {
    const absl::StatusOr<absl::CivilDay> day =
        rpc::FromProto("expected_close", request.expected_close());
    faults.Add(day.status());
    data.expected_close = day.ok() ? std::optional(*day) : std::nullopt;
  }
  if (!request.has_new_customer()) {
    data.customer = faults.Name("customer", "customers", request.customer());
    if (!request.customer_id().empty()) {
      faults.Add("customer_id", "goes with `new_customer`");
    }
    RETURN_IF_ERROR(faults.status());
    return to;
  }
  StoredCustomer& customer = to.new_customer.emplace();
  absl::StatusOr<StoredCustomer> read =
      FromProto(deps_.rules, request.new_customer(), "new_customer");
  faults.Add(read.status());
  const absl::StatusOr<TierSet> tiers =
      NewTiers(deps_.rules, request.new_customer(), "new_customer");
  faults.Add(tiers.status());
  const std::string id =
      request.customer_id().empty() ? NewId(now).ToString() : request.customer_id();
  if (!CheckName("customer_id", "customers", CustomerName(id)).ok()) {
    faults.Add("customer_id", "is at most 63 lower-case letters, digits and dashes");
  }
  RETURN_IF_ERROR(faults.status());
  customer = *std::move(read);
  customer.data.tiers = *tiers;
  customer.data.id = id;
  data.customer = CustomerName(id);
  return to;
}

absl::Status LeadPoolApi::ConvertLead(const rpc::Call& call, const pb::ConvertLeadRequest& request,
                                      pb::ConvertLeadResponse* response) {
  ASSIGN_OR_RETURN(const Uuid id, ParseLeadName("name", request.name()));
  RETURN_IF_ERROR(CheckReason(request.reason()));
  ASSIGN_OR_RETURN(const Conversion wanted, ConversionOf(request, deps_.env.clock->Now()));
  const Target target{request.name(), request.etag(), request.reason(),
                      OptionalTime(request.has_occurred_at(), request.occurred_at())};
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        std::vector<pg::LockKey> locks{pg::LockKey::Exclusive(request.name())};
        if (wanted.new_customer) {
          locks.push_back(pg::LockKey::Exclusive(wanted.opportunity.customer));
        }
        tx.Lock(std::move(locks));
        command.Find();
        QueueMemberLocks(tx, {}, {}, {id});
        const pg::Pending row = QueueLoadLead(tx, id, call.reach);
        const pg::Pending active = deps_.pipelines->QueueActive(tx, {wanted.opportunity.pipeline});
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(request.name());
        }
        return Convert(tx, command, call, target, wanted, ReadLead(*row, 0), *active, response);
      });
}

absl::Status LeadPoolApi::Convert(pg::Tx& tx, service::Command& command, const rpc::Call& call,
                                  const Target& target, const Conversion& wanted, StoredLead stored,
                                  const pg::Result& active, pb::ConvertLeadResponse* response) {
  const std::string etag = EtagOf(stored.data.version);
  if (!target.etag.empty() && target.etag != etag) {
    return EtagMismatch(target.name, etag);
  }
  const Time now = command.now();
  ASSIGN_OR_RETURN(
      const Occasion occasion,
      CheckStopOccasion(deps_.time_rules,
                        {call.caller, call.HasGrant("importer"), call.HasGrant("supervisor")},
                        NewId(now), now, target.occurred_at, target.reason));
  Lead lead(std::move(stored.data));
  RETURN_IF_ERROR(
      lead.Convert(OpportunityName(wanted.opportunity.id), wanted.opportunity.customer, occasion));
  stored.data = lead.data();
  RETURN_IF_ERROR(CheckCustomer(tx, stored.data.customer, wanted.new_customer.has_value()));

  OpportunityData draft = wanted.opportunity;
  draft.customer = stored.data.customer;
  draft.campaign = stored.data.campaign;
  draft.owner = stored.data.owner;
  draft.team = stored.data.team;
  if (deps_.org) {
    FillFromDirectory(deps_.org().get(), now, draft.owner, draft.team, draft.region);
  }
  const auto is_source = [](const Proof& proof) { return proof.code == "source"; };
  if (std::none_of(draft.proofs.begin(), draft.proofs.end(), is_source)) {
    draft.proofs.push_back({"source", target.name});  // the lead shows where it came from
  }
  ASSIGN_OR_RETURN(const Pipeline* pipeline,
                   deps_.pipelines->Active(active, "pipeline", draft.pipeline));
  ASSIGN_OR_RETURN(
      const Opportunity opened,
      Opportunity::Open(*pipeline, std::move(draft),
                        {call.caller, now, lead.events().back().occurred_at, false, NewId(now)}));
  std::vector<eventing::NewEvent> rows;
  std::optional<Customer> customer;
  if (wanted.new_customer) {
    ASSIGN_OR_RETURN(
        customer,
        Customer::Register(*deps_.rules.schemes,
                           NewCustomer(wanted.new_customer->data, stored.data), call.caller, now));
    rows = ToJournal(*deps_.env.ids, now, customer->data().id, customer->events());
  }
  for (eventing::NewEvent& each : ToJournal(opened)) {
    rows.push_back(std::move(each));
  }
  for (eventing::NewEvent& each : ToJournal(stored.data, lead.events())) {
    rows.push_back(std::move(each));
  }
  response->Clear();
  ToProto(stored, deps_.recycle_days, response->mutable_lead());
  response->set_opportunity(stored.data.opportunity);
  response->set_customer(stored.data.customer);
  command.Claim(target.name);
  if (customer) {
    const StoredCustomer added{customer->data(), wanted.new_customer->text};
    QueueInsert(tx, added, KeysOf(added.text));
    QueueTierChanges(tx, added.data.id, FirstTiers(added.data));
  }
  QueueInsert(tx, opened);
  QueueUpdate(tx, stored.data);
  Count(tx, lead.events());
  tx.AfterCommit([this, registered = wanted.new_customer.has_value(), events = opened.events()] {
    if (deps_.customer_metrics != nullptr && registered) {
      deps_.customer_metrics->Registered(1);
    }
    if (deps_.opportunity_metrics != nullptr) {
      deps_.opportunity_metrics->Moved(events);
    }
  });
  if (!target.reason.empty()) {
    QueueReason(tx, stored.data.id, stored.data.version, target.reason);
  }
  return command.Append(rows);
}

}  // namespace steward::leads
