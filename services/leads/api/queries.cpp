// Reads: what the caller reaches, on the worker's connection.

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/status.h"
#include "libs/service/pages.h"
#include "services/leads/api/history.h"
#include "services/leads/api/leads_api.h"

namespace steward::leads {
namespace {

constexpr int kMaxBatch = 100;
constexpr size_t kMaxCandidates = 50;

absl::StatusOr<std::optional<CustomerCursor>> ReadPlace(const service::Page& page) {
  if (page.place().empty()) {
    return std::optional<CustomerCursor>();
  }
  ASSIGN_OR_RETURN(const int64_t micros, rpc::CursorNumber(page.place()[0]));
  return std::optional<CustomerCursor>({Time{micros}, page.place()[1]});
}

std::map<std::string, const StoredCustomer*> ById(const std::vector<StoredCustomer>& customers) {
  std::map<std::string, const StoredCustomer*> by_id;
  for (const StoredCustomer& customer : customers) {
    by_id.emplace(customer.data.id, &customer);
  }
  return by_id;
}

}  // namespace

absl::StatusOr<StoredCustomer> LeadsApi::Visible(const rpc::Call& call, pg::Connection& db,
                                                 std::string_view field, std::string_view name) {
  ASSIGN_OR_RETURN(const std::string id, ParseCustomerName(field, name));
  ASSIGN_OR_RETURN(std::optional<StoredCustomer> found,
                   leads::GetCustomer(db, id, call.reach, call.TimeLeft()));
  if (!found) {
    return NotFound(name);
  }
  return *std::move(found);
}

absl::Status LeadsApi::GetCustomer(const rpc::Call& call, const pb::GetCustomerRequest& request,
                                   pb::Customer* response) {
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredCustomer customer, Visible(call, *db, "name", request.name()));
  ToProto(customer, response);
  return absl::OkStatus();
}

absl::Status LeadsApi::BatchGetCustomers(const rpc::Call& call,
                                         const pb::BatchGetCustomersRequest& request,
                                         pb::BatchGetCustomersResponse* response) {
  if (request.names_size() == 0 || request.names_size() > kMaxBatch) {
    return FieldInvalid("names", "are 1 to " + std::to_string(kMaxBatch));
  }
  std::vector<std::string> ids;
  for (int i = 0; i < request.names_size(); ++i) {
    ASSIGN_OR_RETURN(std::string id,
                     ParseCustomerName("names[" + std::to_string(i) + "]", request.names(i)));
    ids.push_back(std::move(id));
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::vector<StoredCustomer> customers,
                   GetCustomers(*db, ids, call.reach, call.TimeLeft()));
  const auto by_id = ById(customers);
  for (const std::string& id : ids) {
    const auto found = by_id.find(id);
    if (found == by_id.end()) {
      response->Clear();
      return NotFound(CustomerName(id));
    }
    ToProto(*found->second, response->add_customers());
  }
  return absl::OkStatus();
}

absl::Status LeadsApi::ListCustomers(const rpc::Call& call, const pb::ListCustomersRequest& request,
                                     pb::ListCustomersResponse* response) {
  ASSIGN_OR_RETURN(const ListQuery query, ParseListQuery(request.filter(), request.order_by()));
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens,
                        "ListCustomers\n" + request.filter() + "\n" + request.order_by(), request));
  ASSIGN_OR_RETURN(const std::optional<CustomerCursor> after, ReadPlace(page));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredCustomer> customers,
                   leads::ListCustomers(*db, query.filter, query.order, after, call.reach,
                                        page.limit(), call.TimeLeft()));
  if (page.Cut(customers)) {
    const CustomerData& last = customers.back().data;
    const Time time = query.order.by_update_time ? last.update_time : last.create_time;
    page.Continue({std::to_string(time.micros), last.id}, response);
  }
  for (const StoredCustomer& customer : customers) {
    ToProto(customer, response->add_customers());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<MatchKey>> LeadsApi::KeysToFind(
    const rpc::Call& call, pg::Connection& db, const pb::FindDuplicateCustomersRequest& request) {
  if (request.has_draft() != request.customer().empty()) {
    return FieldInvalid("customer", "or `draft` is given, one of the two");
  }
  if (!request.has_draft()) {
    ASSIGN_OR_RETURN(const StoredCustomer stored,
                     Visible(call, db, "customer", request.customer()));
    return GetKeys(db, stored.data.id, call.TimeLeft());
  }
  ASSIGN_OR_RETURN(const StoredCustomer draft,
                   FromProto(deps_.rules, request.draft(), "draft", Use::kCompare));
  return KeysOf(draft.text);
}

absl::Status LeadsApi::FindDuplicateCustomers(const rpc::Call& call,
                                              const pb::FindDuplicateCustomersRequest& request,
                                              pb::FindDuplicateCustomersResponse* response) {
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::vector<MatchKey> keys, KeysToFind(call, *db, request));
  ASSIGN_OR_RETURN(const std::vector<KeyHolder> holders,
                   FindHolders(*db, keys, call.reach, call.TimeLeft()));
  std::string_view self = request.customer();
  self.remove_prefix(std::min(self.size(), std::string_view("customers/").size()));
  const std::vector<Duplicate> found = RankDuplicates(self, holders, kMaxCandidates);
  std::vector<std::string> ids;
  for (const Duplicate& duplicate : found) {
    ids.push_back(duplicate.customer);
  }
  ASSIGN_OR_RETURN(const std::vector<StoredCustomer> customers,
                   GetCustomers(*db, ids, call.reach, call.TimeLeft()));
  const auto by_id = ById(customers);
  for (const Duplicate& duplicate : found) {
    const auto customer = by_id.find(duplicate.customer);
    if (customer == by_id.end()) {
      continue;  // left the caller's reach between the two reads
    }
    pb::DuplicateCandidate& candidate = *response->add_candidates();
    ToProto(*customer->second, candidate.mutable_customer());
    candidate.set_score(duplicate.score);
    for (const MatchKind kind : duplicate.reasons) {
      pb::DuplicateCandidate::Reason& reason = *candidate.add_reasons();
      reason.set_kind(std::string(NameOf(kind)));
      reason.set_weight(WeightOf(kind));
    }
  }
  return absl::OkStatus();
}

absl::Status LeadsApi::ListCustomerHistory(const rpc::Call& call,
                                           const pb::ListCustomerHistoryRequest& request,
                                           pb::ListCustomerHistoryResponse* response) {
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens, "ListCustomerHistory\n" + request.parent(), request));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const StoredCustomer customer, Visible(call, *db, "parent", request.parent()));
  ASSIGN_OR_RETURN(const service::History history,
                   service::ReadHistory(*db, page, CustomerName(customer.data.id)));
  return service::ShowHistory(page, history, ChangesOf, response);
}

}  // namespace steward::leads
