// The shipped policy covers every method that the service serves, and nothing else; no grant widens another's reach.

#include <gtest/gtest.h>

#include "libs/testing/policy_check.h"
#include "steward/scoring/v1/eligibility_service.pb.h"
#include "steward/scoring/v1/lead_scores_service.pb.h"
#include "steward/scoring/v1/leaderboards_service.pb.h"
#include "steward/scoring/v1/measurements_service.pb.h"
#include "steward/scoring/v1/measures_service.pb.h"
#include "steward/scoring/v1/periods_service.pb.h"
#include "steward/scoring/v1/scorecards_service.pb.h"

namespace steward::scoring {
namespace {

TEST(Policy, CoversEveryMethod) {
  const auto policy = testing::ReadPolicy(
      STEWARD_POLICY_FILE,
      {v1::ListMeasuresRequest::descriptor()->file()->FindServiceByName("MeasuresService"),
       v1::GetLeadScoreRequest::descriptor()->file()->FindServiceByName("LeadScoresService"),
       v1::GetLeaderboardRequest::descriptor()->file()->FindServiceByName("LeaderboardsService"),
       v1::ListKpisRequest::descriptor()->file()->FindServiceByName("ScorecardsService"),
       v1::Eligibility::descriptor()->file()->FindServiceByName("EligibilityService"),
       v1::Measurement::descriptor()->file()->FindServiceByName("MeasurementsService"),
       v1::Period::descriptor()->file()->FindServiceByName("PeriodsService")});
  for (const auto& [method, line] : policy) {
    if (line.reach_by_grant.empty()) {
      continue;  // the same for everyone who may call it
    }
    EXPECT_EQ(line.reach, rpc::Members::Scope::kSelf)
        << method << " gives a reach to grants it does not name";
    EXPECT_EQ(line.reach_by_grant.size(), line.grants.size()) << method;
    if (line.reach_by_grant.contains("agent")) {
      EXPECT_EQ(line.reach_by_grant.at("agent"), rpc::Members::Scope::kSelf) << method;
    }
  }
}

}  // namespace
}  // namespace steward::scoring
