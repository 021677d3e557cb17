// Tiers of customers: set, taken away, their history.

#include <utility>

#include "libs/base/status.h"
#include "libs/service/pages.h"
#include "services/leads/api/history.h"
#include "services/leads/api/leads_api.h"
#include "services/leads/events/leads_events.h"

namespace steward::leads {
namespace {

// The row of history that the last event of a command makes.
TierChange ChangeOf(const CustomerEvent& event, const std::string& actor,
                    const std::string& reason) {
  const CustomerTierChanged& changed = std::get<CustomerTierChanged>(event.body);
  TierChange change;
  change.version = event.version;
  change.scheme = changed.scheme;
  change.from_tier = changed.from_tier;
  change.tier = changed.tier;
  change.effective_from = changed.effective_from;
  change.set_by = actor;
  change.rule = changed.rule;
  change.reason = reason;
  change.recorded_at = event.occurred_at;
  return change;
}

}  // namespace

template <class Request>
absl::Status LeadsApi::ChangeTier(const rpc::Call& call, const Request& request, std::string tier,
                                  ApplyTier apply, pb::Customer* response) {
  ASSIGN_OR_RETURN(const std::string id, ParseCustomerName("name", request.name()));
  RETURN_IF_ERROR(CheckRule(request.rule()));
  RETURN_IF_ERROR(CheckReason(request.reason()));
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(request.name())});
        command.Find();
        const pg::Pending row = QueueLoad(tx, id, call.reach);
        const pg::Pending last = QueueLastChange(tx, id, request.scheme());
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(request.name());
        }
        StoredCustomer stored = ReadCustomer(*row, 0);
        const std::string etag = EtagOf(stored.data.version);
        if (!request.etag().empty() && request.etag() != etag) {
          return EtagMismatch(request.name(), etag);
        }
        Customer customer(*deps_.rules.schemes, std::move(stored.data));
        RETURN_IF_ERROR(
            (customer.*apply)({request.scheme(), tier,
                               OptionalTime(request.has_effective_from(), request.effective_from()),
                               request.rule(), ReadLastChange(*last), command.now()}));
        stored.data = customer.data();
        ToProto(stored, response);
        command.Claim(request.name());
        QueueUpdate(tx, stored.data);
        QueueTierChanges(tx, id,
                         {ChangeOf(customer.events().back(), call.caller, request.reason())});
        tx.AfterCommit([this, scheme = request.scheme()] {
          if (deps_.metrics != nullptr) {
            deps_.metrics->TierChanged(scheme);
          }
        });
        return command.Append(ToJournal(*deps_.env.ids, command.now(), id, customer.events()));
      });
}

absl::Status LeadsApi::SetCustomerTier(const rpc::Call& call,
                                       const pb::SetCustomerTierRequest& request,
                                       pb::Customer* response) {
  return ChangeTier(call, request, request.tier(), &Customer::SetTier, response);
}

absl::Status LeadsApi::RemoveCustomerTier(const rpc::Call& call,
                                          const pb::RemoveCustomerTierRequest& request,
                                          pb::Customer* response) {
  return ChangeTier(call, request, "", &Customer::RemoveTier, response);
}

absl::Status LeadsApi::ListCustomerTierHistory(const rpc::Call& call,
                                               const pb::ListCustomerTierHistoryRequest& request,
                                               pb::ListCustomerTierHistoryResponse* response) {
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens,
                        "ListCustomerTierHistory\n" + request.parent() + "\n" + request.scheme(),
                        request));
  std::optional<TierCursor> after;
  if (!page.place().empty()) {
    ASSIGN_OR_RETURN(const int64_t version, rpc::CursorNumber(page.place()[0]));
    after = TierCursor{version, page.place()[1]};
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredCustomer customer, Visible(call, *db, "parent", request.parent()));
  ASSIGN_OR_RETURN(std::vector<TierChange> changes,
                   ListTierChanges(*db, customer.data.id, request.scheme(), after, page.limit(),
                                   call.TimeLeft()));
  if (page.Cut(changes)) {
    page.Continue({std::to_string(changes.back().version), changes.back().scheme}, response);
  }
  for (const TierChange& change : changes) {
    ToProto(change, response->add_changes());
  }
  return absl::OkStatus();
}

absl::Status LeadsApi::ListTierSchemes(const rpc::Call&, const pb::ListTierSchemesRequest&,
                                       pb::ListTierSchemesResponse* response) {
  for (const TierScheme& scheme : deps_.rules.schemes->schemes()) {
    ToProto(scheme, response->add_schemes());
  }
  return absl::OkStatus();
}

}  // namespace steward::leads
