#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/rpc/identity.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::rpc {
namespace {

constexpr char kGood[] = R"(
/a.v1.A/Get:
  peers: [stewardctl, sla]
  grants: ["*"]
  reach: line
/a.v1.A/Import:
  peers: [stewardctl]
  grants: [importer, admin]
  reach: {importer: team, admin: all, "*": self}
  request_id: required
  bulk: true
  rate: {per_user: 30/m, burst: 4}
)";

TEST(Policy, ReadsLines) {
  auto policy = ParsePolicy(kGood);
  ASSERT_TRUE(policy.ok()) << policy.status();
  const MethodPolicy& get = policy->at("/a.v1.A/Get");
  EXPECT_EQ(get.peers, (std::vector<std::string>{"stewardctl", "sla"}));
  EXPECT_EQ(get.grants, std::vector<std::string>{"*"});
  EXPECT_EQ(get.reach, Members::Scope::kLine);
  EXPECT_FALSE(get.request_id_required);
  EXPECT_EQ(get.rate_per_second, 50);
  EXPECT_EQ(get.max_request_bytes, 1 << 20);
  const MethodPolicy& import = policy->at("/a.v1.A/Import");
  EXPECT_EQ(import.reach_by_grant,
            (std::map<std::string, Members::Scope>{{"importer", Members::Scope::kTeam},
                                                   {"admin", Members::Scope::kAll}}));
  EXPECT_EQ(import.reach, Members::Scope::kSelf);
  EXPECT_TRUE(import.request_id_required);
  EXPECT_EQ(import.max_request_bytes, 4 << 20);
  EXPECT_EQ(import.rate_per_second, 0.5);
  EXPECT_EQ(import.burst, 4);
}

std::string FaultOf(const std::string& line) {
  auto policy = ParsePolicy("/a.v1.A/Get:\n  peers: [x]\n  grants: [y]\n  reach: self\n" + line);
  return std::string(FromAbsl(policy.status().message()));
}

TEST(Policy, FaultsNameLineAndKey) {
  EXPECT_NE(FaultOf("  peer: [x]").find("line 5: /a.v1.A/Get: unknown key `peer`"),
            std::string::npos)
      << FaultOf("  peer: [x]");
  for (const char* line :
       {"  reach: team", "  request_id: yes", "  rate: 20", "  rate: {per_user: 20}",
        "  rate: {per_user: 0/s}", "  rate: {per_user: -1/s}", "  rate: {per_user: nan/s}",
        "  rate: {burst: 0.5}", "  rate: {what: 1}", "  bulk: maybe", "/a.v1.A/Get: {}",
        "no-slash: {}", "/a.v1.A/Other: [1]", "/a.v1.A/Other: {grants: [a], reach: self}",
        "/a.v1.A/Other: {peers: [dev], grants: [a], reach: self}",
        "/a.v1.A/Other: {peers: [], grants: [a], reach: self}",
        "/a.v1.A/Other: {peers: [a], grants: [a], reach: world}",
        "/a.v1.A/Other: {peers: [a], grants: [a], reach: {b: world}}", "  - broken: ["}) {
    EXPECT_NE(FaultOf(line), "") << line;
  }
  EXPECT_FALSE(ParsePolicy("").ok());
  EXPECT_FALSE(ParsePolicy("- a").ok());
}

TEST(Policy, AllFaultsAreReportedTogether) {
  std::string faults = FaultOf("  one: 1\n  two: 2\n");
  EXPECT_NE(faults.find("`one`"), std::string::npos);
  EXPECT_NE(faults.find("`two`"), std::string::npos);
}

TEST(Policy, MustCoverEveryMethodAndNothingElse) {
  const auto* service = operations::v1::Version::descriptor()->file()->service(0);
  std::map<std::string, MethodPolicy> policy;
  for (int i = 0; i < service->method_count(); ++i) {
    policy["/" + service->full_name() + "/" + service->method(i)->name()] = {};
  }
  EXPECT_TRUE(CheckPolicyCovers(policy, {service}).ok());
  policy.erase("/steward.operations.v1.OperationsService/GetStatus");
  policy["/steward.operations.v1.OperationsService/Nothing"] = {};
  EXPECT_EQ(FromAbsl(CheckPolicyCovers(policy, {service}).message()),
            "/steward.operations.v1.OperationsService/GetStatus: no line in the policy\n"
            "/steward.operations.v1.OperationsService/Nothing: no such method");
}

}  // namespace
}  // namespace steward::rpc
