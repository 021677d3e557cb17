#pragma once
// PeriodsService: what is missing, freezing, closing, what a closed period showed. One method per RPC.

#include "libs/eventing/consumer.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/scoring/api/owners.h"
#include "services/scoring/api/results.h"
#include "steward/scoring/v1/periods_service.pb.h"

namespace steward::scoring {

namespace pb = v1;

// Thread-safe.
class PeriodsApi {
 public:
  struct Deps {
    service::Env env;
    const rpc::PageTokens* tokens = nullptr;
    absl::TimeZone zone;
    std::string group;                    // of the consumer, `steward.scoring`
    std::vector<eventing::Input> inputs;  // that a freeze waits for
    std::vector<Owner> owners;        // of these inputs, but for those that outside systems write
    Duration ends_wait = Seconds(5);  // for ends that were confirmed after they answered
  };
  explicit PeriodsApi(Deps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status GetPeriod(const rpc::Call&, const pb::GetPeriodRequest&, pb::Period*);
  absl::Status ListPeriods(const rpc::Call&, const pb::ListPeriodsRequest&,
                           pb::ListPeriodsResponse*);
  absl::Status FreezePeriod(const rpc::Call&, const pb::FreezePeriodRequest&, pb::Period*);
  absl::Status ClosePeriod(const rpc::Call&, const pb::ClosePeriodRequest&, pb::Period*);
  absl::Status ListScorecardResults(const rpc::Call&, const pb::ListScorecardResultsRequest&,
                                    pb::ListScorecardResultsResponse*);
  absl::Status ListLateFacts(const rpc::Call&, const pb::ListLateFactsRequest&,
                             pb::ListLateFactsResponse*);

 private:
  // What a freeze of this period waits for: that it is over, that the owners of the inputs have published what they recorded before
  // its end, and that all of it was applied here; up to an end that was confirmed after they answered where `await` says so.
  absl::StatusOr<std::vector<std::string>> Missing(const rpc::Call& call, pg::Connection& db,
                                                   const Period& period, bool await);
  // The inputs that are not applied up to an end that the broker confirmed after `since`, awaited up to `ends_wait` where `await` says so.
  absl::StatusOr<std::vector<std::string>> Behind(const rpc::Call& call, pg::Connection& db,
                                                  Time since, bool await);
  Time EndOf(const Period& period) const;  // its first instant afterwards
  // Adds those of `request.cards(index)`.
  static absl::Status ResultsOf(pg::Tx& tx, const pb::ClosePeriodRequest& request, int index,
                                const Period& period, std::vector<StoredResult>& results);
  absl::StatusOr<std::vector<StoredResult>> Results(const rpc::Call& call, pg::Connection& db,
                                                    const pb::ClosePeriodRequest& request,
                                                    const Period& period);
  absl::StatusOr<PeriodMark> Mark(const rpc::Call& call, pg::Connection& db, const Period& period);
  // Stores the results, unless something that they are reckoned from changed since the mark: `moved` is true then.
  absl::Status Close(const rpc::Call& call, const Period& period,
                     const std::vector<StoredResult>& results, const PeriodMark& mark, bool* moved,
                     pb::Period* response);
  Deps deps_;
};

}  // namespace steward::scoring
