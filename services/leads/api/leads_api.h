#pragma once
// One method per RPC: plain blocking functions that a test calls without gRPC. Commands run in
// the frame of libs/service/command.h; queries read on the worker's connection.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/leads/api/mapping.h"
#include "services/leads/domain/customer.h"
#include "services/leads/metrics.h"

namespace steward::leads {

struct ApiDeps {
  service::Env env;
  Rules rules;
  const rpc::PageTokens* tokens = nullptr;
  Metrics* metrics = nullptr;
};

// Thread-safe: it keeps nothing between calls.
class LeadsApi {
 public:
  explicit LeadsApi(ApiDeps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status CreateCustomer(const rpc::Call&, const pb::CreateCustomerRequest&, pb::Customer*);
  absl::Status BatchCreateCustomers(const rpc::Call&, const pb::BatchCreateCustomersRequest&,
                                    pb::BatchCreateCustomersResponse*);
  absl::Status GetCustomer(const rpc::Call&, const pb::GetCustomerRequest&, pb::Customer*);
  absl::Status BatchGetCustomers(const rpc::Call&, const pb::BatchGetCustomersRequest&,
                                 pb::BatchGetCustomersResponse*);
  absl::Status ListCustomers(const rpc::Call&, const pb::ListCustomersRequest&,
                             pb::ListCustomersResponse*);
  absl::Status UpdateCustomer(const rpc::Call&, const pb::UpdateCustomerRequest&, pb::Customer*);
  absl::Status SetCustomerTier(const rpc::Call&, const pb::SetCustomerTierRequest&, pb::Customer*);
  absl::Status RemoveCustomerTier(const rpc::Call&, const pb::RemoveCustomerTierRequest&,
                                  pb::Customer*);
  absl::Status ListCustomerTierHistory(const rpc::Call&, const pb::ListCustomerTierHistoryRequest&,
                                       pb::ListCustomerTierHistoryResponse*);
  absl::Status FindDuplicateCustomers(const rpc::Call&, const pb::FindDuplicateCustomersRequest&,
                                      pb::FindDuplicateCustomersResponse*);
  absl::Status ListCustomerHistory(const rpc::Call&, const pb::ListCustomerHistoryRequest&,
                                   pb::ListCustomerHistoryResponse*);
  absl::Status ListTierSchemes(const rpc::Call&, const pb::ListTierSchemesRequest&,
                               pb::ListTierSchemesResponse*);

 private:
  // One to add, with its id: given, or made.
  struct Draft {
    StoredCustomer customer;
    bool given = false;  // the id may be taken
  };
  absl::StatusOr<Draft> DraftOf(const pb::CreateCustomerRequest& request, const std::string& path);
  // Adds all of them under `claim`; `answer` fills the response from what is stored.
  absl::Status Create(const rpc::Call& call, const std::vector<Draft>& drafts,
                      const std::string& claim, google::protobuf::Message* response,
                      const std::function<void(const std::vector<StoredCustomer>&)>& answer);

  // A change of one tier: a call of SetTier or RemoveTier.
  using ApplyTier = absl::Status (Customer::*)(const TierDecision&);
  template <class Request>
  absl::Status ChangeTier(const rpc::Call& call, const Request& request, std::string tier,
                          ApplyTier apply, pb::Customer* response);

  // The customer as the caller reaches it, or NOT_FOUND.
  absl::StatusOr<StoredCustomer> Visible(const rpc::Call& call, pg::Connection& db,
                                         std::string_view field, std::string_view name);
  // What to compare: of a stored customer within reach, or of a draft.
  absl::StatusOr<std::vector<MatchKey>> KeysToFind(
      const rpc::Call& call, pg::Connection& db, const pb::FindDuplicateCustomersRequest& request);

  ApiDeps deps_;
};

}  // namespace steward::leads
