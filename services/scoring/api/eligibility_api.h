#pragma once
// EligibilityService: parts of a period. One method per RPC.

#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/scoring/storage/eligibility_store.h"
#include "steward/scoring/v1/eligibility_service.pb.h"

namespace steward::scoring {

namespace pb = v1;

void ToProto(const StoredEligibility& stored, v1::Eligibility* out);

// Thread-safe.
class EligibilityApi {
 public:
  EligibilityApi(service::Env env, const rpc::PageTokens& tokens) : env_(env), tokens_(tokens) {}
  void AddTo(rpc::Server& server);

  absl::Status SetEligibility(const rpc::Call&, const pb::SetEligibilityRequest&, pb::Eligibility*);
  absl::Status ListEligibilities(const rpc::Call&, const pb::ListEligibilitiesRequest&,
                                 pb::ListEligibilitiesResponse*);

 private:
  service::Env env_;
  const rpc::PageTokens& tokens_;
};

}  // namespace steward::scoring
