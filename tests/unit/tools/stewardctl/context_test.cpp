#include "tools/stewardctl/context.h"

#include <gtest/gtest.h>

namespace stewardctl {
namespace {

TEST(ParseContext, AddressesAlone) {
  const auto context = ParseContext(R"({"services": {"sla": "127.0.0.1:1"}, "token_file": "t"})");
  ASSERT_TRUE(context.ok());
  EXPECT_EQ(context->addresses.at("sla"), "127.0.0.1:1");
  EXPECT_EQ(context->token_file, "t");
  EXPECT_EQ(context->tls_ca_file, "");
}

TEST(ParseContext, AddressesWithAdminPorts) {
  const auto context = ParseContext(
      R"({"services": {"sla": {"address": "h:1", "admin": "h:2"}}, "tls": "off", "kafka": "h:3"})");
  ASSERT_TRUE(context.ok());
  EXPECT_EQ(context->addresses.at("sla"), "h:1");
  EXPECT_EQ(context->admin.at("sla"), "h:2");
  EXPECT_EQ(context->kafka, "h:3");
}

TEST(ParseContext, MutualTlsLiesBesideTheSigningKey) {
  const auto context =
      ParseContext(R"({"services": {}, "tls": "mutual", "signing_key_file": "s/key.pem"})");
  ASSERT_TRUE(context.ok());
  EXPECT_EQ(context->tls_certificate_file, "s/tls/stewardctl.pem");
  EXPECT_EQ(context->tls_key_file, "s/tls/stewardctl.key");
  EXPECT_EQ(context->tls_ca_file, "s/tls/ca.pem");
}

TEST(ParseContext, AnythingElseIsRefused) {
  for (const char* text : {"", "[]", "{}", "{\"services\": []}", "not json"}) {
    EXPECT_EQ(ParseContext(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace stewardctl
