#include "libs/service/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steward::service {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

CommonConfig Complete() {
  CommonConfig config;
  config.pg_database = "sla";
  config.pg_user = "steward_sla";
  config.kafka_bootstrap_servers = "127.0.0.1:9092";
  config.policy_file = "policy.yaml";
  config.token_jwks_file = "jwks.json";
  config.token_issuer = "https://id.example";
  config.page_token_secret_file = "secret";
  config.tls_certificate_file = "c";
  config.tls_key_file = "k";
  config.tls_ca_file = "a";
  return config;
}

std::string Faults(const CommonConfig& config) {
  std::vector<std::string> errors;
  CheckDatabase(config, errors);
  CheckServing(config, errors);
  std::string out;
  for (const std::string& error : errors) {
    out += error + "\n";
  }
  return out;
}

TEST(Settings, CompleteOnesPass) { EXPECT_EQ(Faults(Complete()), ""); }

TEST(Settings, WhatIsMissingIsNamed) {
  std::string faults = Faults(CommonConfig{});
  for (const char* name :
       {"pg_database", "pg_user", "kafka_bootstrap_servers", "policy_file", "token_jwks_file",
        "token_issuer", "page_token_secret_file", "tls_ca_file"}) {
    EXPECT_THAT(faults, HasSubstr(name));
  }
}

TEST(Settings, ProductionNeedsMutualTlsAndNoFailpoints) {
  CommonConfig config = Complete();
  config.tls_ca_file = "";
  EXPECT_THAT(Faults(config), HasSubstr("tls_"));
  config.profile = "dev";
  EXPECT_THAT(Faults(config), HasSubstr("all three")) << "half of a key pair is a mistake anywhere";
  config.tls_certificate_file = config.tls_key_file = "";
  EXPECT_EQ(Faults(config), "");
  config.failpoints = "tx.before_commit=kill";
  EXPECT_EQ(Faults(config), "");
  config = Complete();
  config.failpoints = "tx.before_commit=kill";
  EXPECT_THAT(Faults(config), HasSubstr("failpoints"));
}

TEST(Settings, BadValuesAreNamed) {
  CommonConfig config = Complete();
  config.profile = "develop";
  config.log_level = "loud";
  config.company_zone = "Asia/Shanghia";
  config.listen = "7201";
  config.admin_listen = "localhost:99999";
  std::string faults = Faults(config);
  for (const char* part :
       {"profile: \"develop\"", "log_level: \"loud\"", "company_zone: 'Asia/Shanghia'",
        "listen: \"7201\"", "admin_listen: \"localhost:99999\""}) {
    EXPECT_THAT(faults, HasSubstr(part));
  }
}

TEST(Settings, NothingBeyondLoopbackWithoutTls) {
  CommonConfig config = Complete();
  config.pg_host = "db.example.com";
  EXPECT_THAT(Faults(config), HasSubstr("pg_ssl_mode"));
  config.pg_ssl_mode = "require";
  EXPECT_THAT(Faults(config), HasSubstr("pg_ssl_mode")) << "encrypted, but to whom?";
  config.pg_ssl_mode = "verify-full";
  EXPECT_EQ(Faults(config), "");
  config.redis_host = "redis.example.com";
  EXPECT_THAT(Faults(config), HasSubstr("redis_host"));
  config.redis_host = "/run/redis.sock";
  EXPECT_EQ(Faults(config), "");
}

TEST(Settings, ListenAddresses) {
  EXPECT_EQ(ParseListen("127.0.0.1:7201")->port, 7201);
  EXPECT_EQ(ParseListen("[::1]:0")->host, "::1");
  EXPECT_EQ(ParseListen("0.0.0.0:80")->host, "0.0.0.0");
  for (const char* text :
       {"", ":80", "host", "host:", "host:x", "host:-1", "host:65536", "::1:80"}) {
    EXPECT_FALSE(ParseListen(text).ok()) << text;
  }
}

class UnsafeProfileTest : public ::testing::Test {
 protected:
  // All settings of a service by name, as its loader would give them.
  std::string Check(const std::string& name, const std::string& value, bool in_kubernetes = false) {
    CommonConfig config = Complete();
    config.profile = profile;
    config.pg_host = "/var/run/postgresql";
    std::string target = "127.0.0.1:7203";
    config::Loader loader("complaints", "");
    AddCommonSettings(loader, config);
    loader.Add("sla_target", &target, "Address of the sla service.");
    std::vector<std::string> flags = {"steward-complaints", "--config="};
    if (!name.empty()) {
      flags.back() = "--" + name + "=" + value;
    } else {
      flags.pop_back();
    }
    std::vector<const char*> argv;
    for (const std::string& flag : flags) {
      argv.push_back(flag.c_str());
    }
    EXPECT_TRUE(loader.Load(static_cast<int>(argv.size()), argv.data(), {}).ok());
    return UnsafeProfile(loader.Values(), in_kubernetes);
  }
  std::string profile = "dev";
};

TEST_F(UnsafeProfileTest, DevelopmentStaysOnLoopback) {
  EXPECT_THAT(Check("", ""), IsEmpty());
  for (const char* name : {"listen", "admin-listen", "pg-host", "redis-host",
                           "kafka-bootstrap-servers", "sla-target"}) {
    EXPECT_THAT(Check(name, "10.0.0.7:80"), HasSubstr("10.0.0.7")) << name;
    EXPECT_THAT(Check(name, "127.0.0.1:80"), IsEmpty()) << name;
  }
  EXPECT_THAT(Check("kafka-bootstrap-servers", "127.0.0.1:1,kafka:2"), Not(IsEmpty()));
}

TEST_F(UnsafeProfileTest, DevelopmentRefusesKubernetes) {
  EXPECT_THAT(Check("", "", true), HasSubstr("Kubernetes"));
}

TEST_F(UnsafeProfileTest, ProductionMayGoAnywhere) {
  profile = "production";
  EXPECT_THAT(Check("listen", "0.0.0.0:7201", true), IsEmpty());
}

}  // namespace
}  // namespace steward::service
