#pragma once
// ScorecardsService: definitions, targets, cards filled in and explained. One method per RPC.

#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/scoring/api/results.h"
#include "steward/scoring/v1/scorecards_service.pb.h"

namespace steward::scoring {

namespace pb = v1;

// Thread-safe.
class ScorecardsApi {
 public:
  ScorecardsApi(service::Env env, const rpc::PageTokens& tokens) : env_(env), tokens_(tokens) {}
  void AddTo(rpc::Server& server);

  absl::Status ListKpis(const rpc::Call&, const pb::ListKpisRequest&, pb::ListKpisResponse*);
  absl::Status GetKpi(const rpc::Call&, const pb::GetKpiRequest&, pb::Kpi*);
  absl::Status CreateKpiVersion(const rpc::Call&, const pb::CreateKpiVersionRequest&, pb::Kpi*);
  absl::Status ListScorecards(const rpc::Call&, const pb::ListScorecardsRequest&,
                              pb::ListScorecardsResponse*);
  absl::Status GetScorecardDefinition(const rpc::Call&, const pb::GetScorecardDefinitionRequest&,
                                      pb::Scorecard*);
  absl::Status CreateScorecardVersion(const rpc::Call&, const pb::CreateScorecardVersionRequest&,
                                      pb::Scorecard*);
  absl::Status SetTarget(const rpc::Call&, const pb::SetTargetRequest&, pb::Target*);
  absl::Status ListTargets(const rpc::Call&, const pb::ListTargetsRequest&,
                           pb::ListTargetsResponse*);
  absl::Status GetScorecard(const rpc::Call&, const pb::GetScorecardRequest&, pb::ScorecardResult*);
  absl::Status ExplainKpi(const rpc::Call&, const pb::ExplainKpiRequest&, pb::ExplainKpiResponse*);

 private:
  // Subject and period as asked, the subject within reach, and how far the period is.
  absl::StatusOr<Asked> Ask(const rpc::Call& call, pg::Connection& db, const std::string& subject,
                            const std::string& period);
  template <class Message, class Request, class Response>
  absl::Status List(const rpc::Call& call, const Request& request, const char* prefix,
                    Response* response, Message* (Response::*add)());

  service::Env env_;
  const rpc::PageTokens& tokens_;
};

}  // namespace steward::scoring
