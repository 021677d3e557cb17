// The shipped policy covers every method that the service serves, and nothing else.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "libs/rpc/identity.h"
#include "steward/directory/v1/directory_service.pb.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::directory {
namespace {

TEST(Policy, CoversEveryMethod) {
  std::stringstream text;
  text << std::ifstream(STEWARD_POLICY_FILE).rdbuf();
  const auto policy = rpc::ParsePolicy(text.str());
  ASSERT_TRUE(policy.ok()) << policy.status();
  const auto* directory =
      v1::GetMemberRequest::descriptor()->file()->FindServiceByName("DirectoryService");
  const auto* operations =
      operations::v1::GetVersionRequest::descriptor()->file()->FindServiceByName(
          "OperationsService");
  EXPECT_TRUE(rpc::CheckPolicyCovers(*policy, {directory, operations}).ok());
  for (const auto& [method, line] : *policy) {
    const bool reads = method.find("/Get") != std::string::npos ||
                       method.find("/List") != std::string::npos ||
                       method.find("/BatchGet") != std::string::npos ||
                       method.find("/Resolve") != std::string::npos;
    if (!reads) {
      for (const std::string& grant : line.grants) {
        EXPECT_TRUE(grant == "admin" || grant == "operator") << method << " is open to " << grant;
      }
    }
  }
}

}  // namespace
}  // namespace steward::directory
