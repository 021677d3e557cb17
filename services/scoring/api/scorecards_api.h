#pragma once
// ScorecardsService: definitions, targets, cards filled in and explained. One method per RPC.

#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/scoring/api/results.h"
#include "steward/scoring/v1/scorecards_service.pb.h"

namespace steward::scoring {

namespace pb = v1;

// A card as it was asked for: its definition, and of a closed period what was stored.
struct AskedCard {
  Asked asked;
  std::optional<Time> close_time;
  std::optional<pb::ScorecardResult> stored;
  pb::Scorecard definition;
};
// From the rows of QueuePeriod and QueueEligibilities; the subject is within reach.
absl::StatusOr<Asked> ReadAsked(const rpc::Call& call, const std::string& subject,
                                const std::string& period, const pg::Result& stored,
                                const pg::Result& parts);
// Of GetScorecardRequest and ExplainScorecardRequest. The subject is within reach, the names are well-formed.
template <class Request>
absl::StatusOr<AskedCard> AskCard(const rpc::Call& call, pg::Tx& tx, const Request& request);

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
  absl::Status ExplainScorecard(const rpc::Call&, const pb::ExplainScorecardRequest&,
                                pb::ExplainScorecardResponse*);

 private:
  template <class Message, class Request, class Response>
  absl::Status List(const rpc::Call& call, const Request& request, const char* prefix,
                    Response* response, Message* (Response::*add)());

  service::Env env_;
  const rpc::PageTokens& tokens_;
};

}  // namespace steward::scoring
