// The shipped policy covers every method that the service serves, and nothing else; no grant
// widens another's reach.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "libs/rpc/identity.h"
#include "steward/complaints/v1/complaints_service.pb.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::complaints {
namespace {

TEST(Policy, CoversEveryMethod) {
  std::stringstream text;
  text << std::ifstream(STEWARD_POLICY_FILE).rdbuf();
  const auto policy = rpc::ParsePolicy(text.str());
  ASSERT_TRUE(policy.ok()) << policy.status();
  const auto* complaints =
      v1::GetTicketRequest::descriptor()->file()->FindServiceByName("ComplaintsService");
  const auto* operations =
      operations::v1::GetVersionRequest::descriptor()->file()->FindServiceByName(
          "OperationsService");
  const absl::Status covers = rpc::CheckPolicyCovers(*policy, {complaints, operations});
  EXPECT_TRUE(covers.ok()) << covers;
  for (const auto& [method, line] : *policy) {
    if (method.find("ComplaintsService") == std::string::npos ||
        method.find("ListTicketKinds") != std::string::npos) {
      continue;
    }
    EXPECT_EQ(line.reach, rpc::Members::Scope::kSelf)
        << method << " gives a reach to grants it does not name";
    for (const std::string& grant : line.grants) {
      EXPECT_EQ(line.reach_by_grant.count(grant), 1u) << method << " " << grant;
    }
    EXPECT_EQ(line.reach_by_grant.size(), line.grants.size()) << method;
    EXPECT_EQ(line.reach_by_grant.at("agent"), rpc::Members::Scope::kTeam) << method;
    EXPECT_EQ(line.reach_by_grant.at("supervisor"), rpc::Members::Scope::kLine) << method;
    const bool reads = method.find("/Get") != std::string::npos ||
                       method.find("/List") != std::string::npos ||
                       method.find("/BatchGet") != std::string::npos;
    EXPECT_EQ(line.reach_by_grant.count("auditor"), reads ? 1u : 0u) << method;
  }
}

}  // namespace
}  // namespace steward::complaints
