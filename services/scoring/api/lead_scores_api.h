#pragma once
// LeadScoresService: one method per RPC, plain blocking functions that a test calls without gRPC.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/scoring/rescore/rescore.h"
#include "steward/scoring/v1/lead_scores_service.pb.h"

namespace steward::scoring {

// Thread-safe.
class LeadScoresApi {
 public:
  struct Deps {
    service::Env env;
    const rpc::PageTokens* tokens = nullptr;
    absl::TimeZone zone;
    std::function<std::map<std::string, std::string>()> parents;  // team -> team above
    std::function<void()> asked;  // a sweep was asked for; may be empty
  };
  explicit LeadScoresApi(Deps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status GetLeadScore(const rpc::Call&, const v1::GetLeadScoreRequest&, v1::LeadScore*);
  absl::Status BatchGetLeadScores(const rpc::Call&, const v1::BatchGetLeadScoresRequest&,
                                  v1::BatchGetLeadScoresResponse*);
  absl::Status ListLeadScores(const rpc::Call&, const v1::ListLeadScoresRequest&,
                              v1::ListLeadScoresResponse*);
  absl::Status ExplainLeadScore(const rpc::Call&, const v1::ExplainLeadScoreRequest&,
                                v1::LeadScoreExplanation*);
  absl::Status RecomputeLeadScores(const rpc::Call&, const v1::RecomputeLeadScoresRequest&,
                                   v1::RecomputeLeadScoresResponse*);

  absl::Status CreateScoringModelVersion(const rpc::Call&,
                                         const v1::CreateScoringModelVersionRequest&,
                                         v1::ScoringModel*);
  absl::Status GetScoringModel(const rpc::Call&, const v1::GetScoringModelRequest&,
                               v1::ScoringModel*);
  absl::Status ListScoringModels(const rpc::Call&, const v1::ListScoringModelsRequest&,
                                 v1::ListScoringModelsResponse*);
  absl::Status ActivateScoringModel(const rpc::Call&, const v1::ActivateScoringModelRequest&,
                                    v1::ScoringModel*);
  absl::Status DeactivateScoringModel(const rpc::Call&, const v1::DeactivateScoringModelRequest&,
                                      v1::ScoringModel*);

 private:
  Deps deps_;
};

}  // namespace steward::scoring
