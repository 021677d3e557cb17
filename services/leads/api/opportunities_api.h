#pragma once
// One method per RPC of opportunities, pipelines and the funnel: plain blocking functions that a test calls without gRPC.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/occasion.h"
#include "libs/identity/org.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/leads/api/opportunity_mapping.h"
#include "services/leads/api/pipelines.h"
#include "services/leads/opportunity_metrics.h"

namespace steward::leads {

struct OpportunitiesDeps {
  service::Env env;
  TimeRules time_rules;
  const rpc::PageTokens* tokens = nullptr;
  Pipelines* pipelines = nullptr;
  std::function<std::shared_ptr<const identity::Org>()> org;  // empty = nothing is filled in
  OpportunityMetrics* metrics = nullptr;
};

// Thread-safe: it keeps nothing between calls.
class OpportunitiesApi {
 public:
  explicit OpportunitiesApi(OpportunitiesDeps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status CreateOpportunity(const rpc::Call&, const v1::CreateOpportunityRequest&,
                                 v1::Opportunity*);
  absl::Status BatchCreateOpportunities(const rpc::Call&,
                                        const v1::BatchCreateOpportunitiesRequest&,
                                        v1::BatchCreateOpportunitiesResponse*);
  absl::Status GetOpportunity(const rpc::Call&, const v1::GetOpportunityRequest&, v1::Opportunity*);
  absl::Status ListOpportunities(const rpc::Call&, const v1::ListOpportunitiesRequest&,
                                 v1::ListOpportunitiesResponse*);
  absl::Status AdvanceOpportunity(const rpc::Call&, const v1::AdvanceOpportunityRequest&,
                                  v1::Opportunity*);
  absl::Status WinOpportunity(const rpc::Call&, const v1::WinOpportunityRequest&, v1::Opportunity*);
  absl::Status LoseOpportunity(const rpc::Call&, const v1::LoseOpportunityRequest&,
                               v1::Opportunity*);
  absl::Status HibernateOpportunity(const rpc::Call&, const v1::HibernateOpportunityRequest&,
                                    v1::Opportunity*);
  absl::Status WakeOpportunity(const rpc::Call&, const v1::WakeOpportunityRequest&,
                               v1::Opportunity*);
  absl::Status ReopenOpportunity(const rpc::Call&, const v1::ReopenOpportunityRequest&,
                                 v1::Opportunity*);
  absl::Status UpdateOpportunity(const rpc::Call&, const v1::UpdateOpportunityRequest&,
                                 v1::Opportunity*);
  absl::Status AssignOpportunity(const rpc::Call&, const v1::AssignOpportunityRequest&,
                                 v1::Opportunity*);
  absl::Status ListOpportunityHistory(const rpc::Call&, const v1::ListOpportunityHistoryRequest&,
                                      v1::ListOpportunityHistoryResponse*);
  absl::Status ListPipelines(const rpc::Call&, const v1::ListPipelinesRequest&,
                             v1::ListPipelinesResponse*);
  absl::Status GetPipeline(const rpc::Call&, const v1::GetPipelineRequest&, v1::Pipeline*);
  absl::Status CreatePipelineVersion(const rpc::Call&, const v1::CreatePipelineVersionRequest&,
                                     v1::Pipeline*);
  absl::Status GetFunnel(const rpc::Call&, const v1::GetFunnelRequest&, v1::GetFunnelResponse*);

 private:
  // One to open, with where it stands in the request: empty, or `requests[3]`.
  struct Draft {
    OpportunityDraft opportunity;
    std::string path;
  };
  absl::StatusOr<Draft> DraftOf(const rpc::Call& call, const v1::CreateOpportunityRequest& request,
                                std::string path);
  // The draft opened in `pipeline`, with its past.
  absl::StatusOr<Opportunity> Open(const rpc::Call& call, const Draft& draft,
                                   const Pipeline& pipeline, Time now) const;
  // Opens all of them under `claim`; `answer` fills the response from what is stored.
  absl::Status Create(const rpc::Call& call, const std::vector<Draft>& drafts,
                      const std::string& claim, google::protobuf::Message* response,
                      const std::function<void(const std::vector<Opportunity>&)>& answer);

  // What every command on one opportunity says.
  struct Target {
    std::string field = "name", name, etag, reason, lost_note;
    std::optional<Time> occurred_at;
    bool stops = true;  // a fact that may stop a clock (libs/base/occasion.h)
  };
  template <class Request>
  static Target TargetOf(const Request& request);
  using Apply = std::function<absl::Status(Opportunity&, const Occasion&)>;
  // The frame around all of them. An `apply` that changes nothing stores nothing but the answer.
  absl::Status Change(const rpc::Call& call, const Target& target, v1::Opportunity* response,
                      const Apply& apply);
  absl::StatusOr<Occasion> OccasionOf(const rpc::Call& call, const Target& target, Time now) const;
  void Count(pg::Tx& tx, std::vector<OpportunityEvent> events) const;
  std::shared_ptr<const identity::Org> Directory() const;

  // The opportunity as the caller reaches it, or NOT_FOUND.
  absl::StatusOr<StoredOpportunity> Visible(const rpc::Call& call, pg::Connection& db,
                                            std::string_view field, std::string_view name);
  absl::Status Fill(const rpc::Call& call, pg::Connection& db, const StoredOpportunity& stored,
                    v1::Opportunity* to);

  OpportunitiesDeps deps_;
};

}  // namespace steward::leads
