// Adding and changing customers.

#include <set>
#include <utility>

#include "libs/base/status.h"
#include "libs/rpc/field_mask.h"
#include "services/leads/api/leads_api.h"
#include "services/leads/events/leads_events.h"

namespace steward::leads {
namespace {

constexpr int kMaxBatch = 100;

absl::Status Taken(const std::string& name) {
  return Refuse(absl::StatusCode::kAlreadyExists, name + " is there already",
                {"ALREADY_EXISTS", {{"name", name}}, {}, {}});
}

}  // namespace

absl::StatusOr<LeadsApi::Draft> LeadsApi::DraftOf(const pb::CreateCustomerRequest& request,
                                                  const std::string& path) {
  Draft draft;
  ASSIGN_OR_RETURN(draft.customer, FromProto(deps_.rules, request.customer(), path + "customer"));
  ASSIGN_OR_RETURN(draft.customer.data.tiers,
                   NewTiers(deps_.rules, request.customer(), path + "customer"));
  draft.given = !request.customer_id().empty();
  draft.customer.data.id =
      draft.given ? request.customer_id() : deps_.env.ids->NewId(deps_.env.clock->Now()).ToString();
  if (!CheckName("customer_id", "customers", CustomerName(draft.customer.data.id)).ok()) {
    return FieldInvalid(path + "customer_id",
                        "is at most 63 lower-case letters, digits and dashes");
  }
  return draft;
}

absl::Status LeadsApi::Create(
    const rpc::Call& call, const std::vector<Draft>& drafts, const std::string& claim,
    google::protobuf::Message* response,
    const std::function<void(const std::vector<StoredCustomer>&)>& answer) {
  std::vector<pg::LockKey> locks;
  std::vector<std::string> given;
  for (const Draft& draft : drafts) {
    locks.push_back(pg::LockKey::Exclusive(CustomerName(draft.customer.data.id)));
    if (draft.given) {
      given.push_back(draft.customer.data.id);
    }
  }
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock(locks);
        if (!given.empty()) {
          command.Find();
          const pg::Pending taken = QueueTaken(tx, given);
          RETURN_IF_ERROR(tx.Flush());
          if (command.Answered()) {
            return absl::OkStatus();
          }
          if (taken->rows() > 0) {
            return Taken(CustomerName(taken->Text(0, 0)));
          }
        }
        std::vector<StoredCustomer> stored;
        std::vector<eventing::NewEvent> rows;
        for (const Draft& draft : drafts) {
          ASSIGN_OR_RETURN(const Customer customer,
                           Customer::Register(*deps_.rules.schemes, draft.customer.data,
                                              call.caller, command.now()));
          stored.push_back({customer.data(), draft.customer.text});
          for (eventing::NewEvent& row :
               ToJournal(*deps_.env.ids, command.now(), customer.data().id, customer.events())) {
            rows.push_back(std::move(row));
          }
        }
        answer(stored);
        command.Claim(claim);
        for (const StoredCustomer& each : stored) {
          QueueInsert(tx, each, KeysOf(each.text));
          QueueTierChanges(tx, each.data.id, FirstTiers(each.data));
        }
        tx.AfterCommit([this, count = stored.size()] {
          if (deps_.metrics != nullptr) {
            deps_.metrics->Registered(count);
          }
        });
        return command.Append(rows);
      });
}

absl::Status LeadsApi::CreateCustomer(const rpc::Call& call,
                                      const pb::CreateCustomerRequest& request,
                                      pb::Customer* response) {
  ASSIGN_OR_RETURN(Draft draft, DraftOf(request, ""));
  const std::string name = CustomerName(draft.customer.data.id);
  return Create(
      call, {std::move(draft)}, name, response,
      [response](const std::vector<StoredCustomer>& stored) { ToProto(stored.front(), response); });
}

absl::Status LeadsApi::BatchCreateCustomers(const rpc::Call& call,
                                            const pb::BatchCreateCustomersRequest& request,
                                            pb::BatchCreateCustomersResponse* response) {
  if (request.requests_size() == 0 || request.requests_size() > kMaxBatch) {
    return FieldInvalid("requests", "are 1 to " + std::to_string(kMaxBatch));
  }
  std::vector<Draft> drafts;
  std::vector<FieldViolation> faults;
  std::set<std::string> ids;
  for (int i = 0; i < request.requests_size(); ++i) {
    const std::string path = "requests[" + std::to_string(i) + "].";
    absl::StatusOr<Draft> draft = DraftOf(request.requests(i), path);
    if (!draft.ok()) {
      for (FieldViolation& fault : RefusalOf(draft.status()).value_or(Refusal{}).fields) {
        faults.push_back(std::move(fault));
      }
      continue;
    }
    if (!request.requests(i).request_id().empty()) {
      faults.push_back({path + "request_id", "is given once, for the batch"});
    }
    if (!ids.insert(draft->customer.data.id).second) {
      faults.push_back({path + "customer_id", "`" + draft->customer.data.id + "` is given twice"});
    }
    drafts.push_back(*std::move(draft));
  }
  if (!faults.empty()) {
    return FieldsInvalid(std::move(faults));
  }
  return Create(call, drafts, "customers", response,
                [response](const std::vector<StoredCustomer>& stored) {
                  response->Clear();
                  for (const StoredCustomer& each : stored) {
                    ToProto(each, response->add_customers());
                  }
                });
}

absl::Status LeadsApi::UpdateCustomer(const rpc::Call& call,
                                      const pb::UpdateCustomerRequest& request,
                                      pb::Customer* response) {
  const std::string& name = request.customer().name();
  ASSIGN_OR_RETURN(const std::string id, ParseCustomerName("customer.name", name));
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueueLoad(tx, id, call.reach);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(name);
        }
        StoredCustomer stored = ReadCustomer(*row, 0);
        const std::string etag = EtagOf(stored.data.version);
        if (!request.customer().etag().empty() && request.customer().etag() != etag) {
          return EtagMismatch(name, etag);
        }
        pb::Customer wanted;
        ToProto(stored, &wanted);
        RETURN_IF_ERROR(rpc::ApplyMask(request.customer(), request.update_mask(), &wanted));
        ASSIGN_OR_RETURN(const StoredCustomer draft, FromProto(deps_.rules, wanted, "customer"));
        const std::vector<std::string> changed_text = ChangedFields(stored.text, draft.text);
        Customer customer(*deps_.rules.schemes, std::move(stored.data));
        const bool changed = customer.Update(draft.data.facts, changed_text, command.now());
        ToProto({customer.data(), draft.text}, response);
        command.Claim(name);
        if (!changed) {
          return absl::OkStatus();
        }
        leads::QueueUpdate(tx, customer.data());
        if (!changed_text.empty()) {
          QueueUpdateText(tx, id, draft.text, KeysOf(draft.text));
        }
        return command.Append(ToJournal(*deps_.env.ids, command.now(), id, customer.events()));
      });
}

}  // namespace steward::leads
