// The shipped policy: whole, and what the guard makes of it.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "libs/rpc/identity.h"
#include "services/directory/domain/role.h"
#include "steward/directory/v1/directory_service.pb.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::directory {
namespace {

std::map<std::string, rpc::MethodPolicy> ShippedPolicy() {
  std::stringstream text;
  text << std::ifstream(STEWARD_POLICY_FILE).rdbuf();
  return rpc::ParsePolicy(text.str()).value();
}

bool Names(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The token is the subject, and the subject's id is its only grant.
class PlainVerifier final : public rpc::TokenVerifier {
 public:
  absl::StatusOr<rpc::Token> Verify(std::string_view authorization, Time) override {
    return rpc::Token{std::string(authorization), {}};
  }
};
class OneGrantEach final : public rpc::Members {
 public:
  std::optional<Who> Find(std::string_view subject, Time) const override {
    const std::string name(subject);
    return Who{name, {name.substr(name.find('/') + 1)}};
  }
  bool NoAdminYet() const override { return false; }
  rpc::Reach ReachOf(std::string_view, Scope, Time) const override { return {}; }
};

TEST(Policy, CoversEveryMethod) {
  const auto* directory =
      v1::GetMemberRequest::descriptor()->file()->FindServiceByName("DirectoryService");
  const auto* operations =
      operations::v1::GetVersionRequest::descriptor()->file()->FindServiceByName(
          "OperationsService");
  EXPECT_TRUE(rpc::CheckPolicyCovers(ShippedPolicy(), {directory, operations}).ok());
}

TEST(Policy, OnlyAdminsAndOperatorsWrite) {
  for (const auto& [method, line] : ShippedPolicy()) {
    const std::string name = method.substr(method.rfind('/') + 1);
    const bool reads = name.starts_with("Get") || name.starts_with("List") ||
                       name.starts_with("BatchGet") || name.starts_with("Resolve") ||
                       name.starts_with("Check");
    for (const std::string& grant : line.grants) {
      EXPECT_TRUE(reads || grant == "admin" || grant == "operator")
          << method << " is open to " << grant;
    }
  }
}

// Method x grant x peer (F56): the guard's decision is what the file says, in every cell.
TEST(Policy, TheMatrixEqualsTheFile) {
  const auto policy = ShippedPolicy();
  PlainVerifier verifier;
  const OneGrantEach members;
  rpc::Guard guard(policy, verifier, members, "");
  std::vector<std::string> grants = KnownGrants();
  grants.push_back("none");
  int allowed = 0, refused = 0;
  for (const auto& [method, line] : policy) {
    for (const std::string& grant : grants) {
      for (const char* peer : {"gateway", "stewardctl", "complaints", "sla", "stranger", ""}) {
        const bool expected =
            Names(line.peers, peer) && (Names(line.grants, "*") || Names(line.grants, grant));
        const rpc::Decision decision = guard.Check(method, peer, "members/" + grant, Time{1});
        EXPECT_EQ(decision.status.ok(), expected) << method << " " << grant << " " << peer;
        ++(expected ? allowed : refused);
      }
    }
  }
  EXPECT_GT(allowed, 0);
  EXPECT_GT(refused, allowed);
}

}  // namespace
}  // namespace steward::directory
