#include "libs/testing/policy_check.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "steward/operations/v1/operations_service.pb.h"

namespace steward::testing {

std::map<std::string, rpc::MethodPolicy> ReadPolicy(
    const std::string& file, std::vector<const google::protobuf::ServiceDescriptor*> services) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  const auto policy = rpc::ParsePolicy(text.str());
  EXPECT_TRUE(policy.ok()) << policy.status();
  if (!policy.ok()) {
    return {};
  }
  services.push_back(operations::v1::GetVersionRequest::descriptor()->file()->FindServiceByName(
      "OperationsService"));
  const absl::Status covers = rpc::CheckPolicyCovers(*policy, services);
  EXPECT_TRUE(covers.ok()) << covers;
  return *policy;
}

bool Reads(const std::string& method) {
  for (const char* verb : {"/Get", "/List", "/BatchGet", "/Find", "/Preview"}) {
    if (method.find(verb) != std::string::npos) {
      return true;
    }
  }
  return false;
}

void ExpectReachByGrant(const std::string& method, const rpc::MethodPolicy& line) {
  EXPECT_EQ(line.reach, rpc::Members::Scope::kSelf)
      << method << " gives a reach to grants it does not name";
  for (const std::string& grant : line.grants) {
    EXPECT_EQ(line.reach_by_grant.count(grant), 1u) << method << " " << grant;
  }
  EXPECT_EQ(line.reach_by_grant.size(), line.grants.size()) << method;
  if (line.reach_by_grant.contains("agent")) {
    EXPECT_EQ(line.reach_by_grant.at("agent"), rpc::Members::Scope::kTeam) << method;
  }
  if (line.reach_by_grant.contains("supervisor")) {
    EXPECT_EQ(line.reach_by_grant.at("supervisor"), rpc::Members::Scope::kLine) << method;
  }
  EXPECT_EQ(line.reach_by_grant.count("auditor"), Reads(method) ? 1u : 0u) << method;
}

}  // namespace steward::testing
