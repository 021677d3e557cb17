// The shipped policy covers every method that the service serves, and nothing else; no grant
// widens another's reach.

#include "libs/testing/policy_check.h"

#include <gtest/gtest.h>

#include "steward/leads/v1/assignment_rules_service.pb.h"
#include "steward/leads/v1/campaigns_service.pb.h"
#include "steward/leads/v1/lead_pool_service.pb.h"
#include "steward/leads/v1/leads_service.pb.h"
#include "steward/leads/v1/opportunities_service.pb.h"
#include "steward/leads/v1/touches_service.pb.h"

namespace steward::leads {
namespace {

// Done by who leads or imports, not by who plans.
bool NotOfAgents(const std::string& method) {
  return method.ends_with("/ApproveCampaign") || method.find("/BatchCreate") != std::string::npos;
}

// Data of the whole service: nobody's in particular.
bool IsForAll(const std::string& method) {
  for (const char* word : {"ListTierSchemes", "AssignmentRulesService", "ListTouchCatalogue",
                           "ListCampaignKinds", "Pipeline"}) {
    if (method.find(word) != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST(Policy, CoversEveryMethod) {
  const auto policy = testing::ReadPolicy(
      STEWARD_POLICY_FILE,
      {v1::GetCustomerRequest::descriptor()->file()->FindServiceByName("LeadsService"),
       v1::GetCampaignRequest::descriptor()->file()->FindServiceByName("CampaignsService"),
       v1::GetLeadRequest::descriptor()->file()->FindServiceByName("LeadPoolService"),
       v1::GetAssignmentRuleRequest::descriptor()->file()->FindServiceByName(
           "AssignmentRulesService"),
       v1::RecordTouchRequest::descriptor()->file()->FindServiceByName("TouchesService"),
       v1::GetOpportunityRequest::descriptor()->file()->FindServiceByName("OpportunitiesService")});
  for (const auto& [method, line] : policy) {
    if (method.find("OperationsService") != std::string::npos || IsForAll(method)) {
      continue;
    }
    testing::ExpectReachByGrant(method, line);
    EXPECT_EQ(line.reach_by_grant.contains("agent"), !NotOfAgents(method)) << method;
  }
}

}  // namespace
}  // namespace steward::leads
