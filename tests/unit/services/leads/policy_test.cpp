// The shipped policy covers every method that the service serves, and nothing else; no grant
// widens another's reach.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "libs/rpc/identity.h"
#include "steward/leads/v1/assignment_rules_service.pb.h"
#include "steward/leads/v1/lead_pool_service.pb.h"
#include "steward/leads/v1/leads_service.pb.h"
#include "steward/leads/v1/touches_service.pb.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::leads {
namespace {

bool Reads(const std::string& method) {
  for (const char* verb : {"/Get", "/List", "/BatchGet", "/Find"}) {
    if (method.find(verb) != std::string::npos) {
      return true;
    }
  }
  return false;
}

// Data of the whole service: nobody's in particular.
bool IsForAll(const std::string& method) {
  for (const char* word : {"ListTierSchemes", "AssignmentRulesService", "ListTouchCatalogue"}) {
    if (method.find(word) != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST(Policy, CoversEveryMethod) {
  std::stringstream text;
  text << std::ifstream(STEWARD_POLICY_FILE).rdbuf();
  const auto policy = rpc::ParsePolicy(text.str());
  ASSERT_TRUE(policy.ok()) << policy.status();
  const auto* leads =
      v1::GetCustomerRequest::descriptor()->file()->FindServiceByName("LeadsService");
  const auto* pool = v1::GetLeadRequest::descriptor()->file()->FindServiceByName("LeadPoolService");
  const auto* rules = v1::GetAssignmentRuleRequest::descriptor()->file()->FindServiceByName(
      "AssignmentRulesService");
  const auto* touches =
      v1::RecordTouchRequest::descriptor()->file()->FindServiceByName("TouchesService");
  const auto* operations =
      operations::v1::GetVersionRequest::descriptor()->file()->FindServiceByName(
          "OperationsService");
  const absl::Status covers =
      rpc::CheckPolicyCovers(*policy, {leads, pool, rules, touches, operations});
  EXPECT_TRUE(covers.ok()) << covers;
  for (const auto& [method, line] : *policy) {
    if (method.find("/steward.leads.v1.") == std::string::npos || IsForAll(method)) {
      continue;
    }
    EXPECT_EQ(line.reach, rpc::Members::Scope::kSelf)
        << method << " gives a reach to grants it does not name";
    for (const std::string& grant : line.grants) {
      EXPECT_EQ(line.reach_by_grant.count(grant), 1u) << method << " " << grant;
    }
    EXPECT_EQ(line.reach_by_grant.size(), line.grants.size()) << method;
    if (method.find("Batch") == std::string::npos || Reads(method)) {
      EXPECT_EQ(line.reach_by_grant.at("agent"), rpc::Members::Scope::kTeam) << method;
      EXPECT_EQ(line.reach_by_grant.at("supervisor"), rpc::Members::Scope::kLine) << method;
    }
    EXPECT_EQ(line.reach_by_grant.count("auditor"), Reads(method) ? 1u : 0u) << method;
  }
}

}  // namespace
}  // namespace steward::leads
