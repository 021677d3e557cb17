#pragma once
// AssignmentRulesService: versions of rules are made, then activated.

#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/leads/storage/assignment_store.h"
#include "steward/leads/v1/assignment_rules_service.pb.h"

namespace steward::leads {

namespace pb = steward::leads::v1;

// Thread-safe: it keeps nothing between calls.
class AssignmentRulesApi {
 public:
  AssignmentRulesApi(service::Env env, const rpc::PageTokens& tokens)
      : env_(std::move(env)), tokens_(tokens) {}
  void AddTo(rpc::Server& server);

  absl::Status CreateAssignmentRuleVersion(const rpc::Call&,
                                           const pb::CreateAssignmentRuleVersionRequest&,
                                           pb::AssignmentRule*);
  absl::Status ActivateAssignmentRule(const rpc::Call&, const pb::ActivateAssignmentRuleRequest&,
                                      pb::AssignmentRule*);
  absl::Status GetAssignmentRule(const rpc::Call&, const pb::GetAssignmentRuleRequest&,
                                 pb::AssignmentRule*);
  absl::Status ListAssignmentRules(const rpc::Call&, const pb::ListAssignmentRulesRequest&,
                                   pb::ListAssignmentRulesResponse*);

 private:
  service::Env env_;
  const rpc::PageTokens& tokens_;
};

}  // namespace steward::leads
