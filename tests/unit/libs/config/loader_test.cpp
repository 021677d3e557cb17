#include "libs/config/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "libs/base/status.h"

namespace steward::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Environment = std::map<std::string, std::string>;

struct Settings {
  std::string pg_host = "127.0.0.1";
  std::string pg_password_file;
  std::string api_secret = "hush";
  int64_t rpc_workers = 8;
  bool self_probe = true;
  std::vector<std::string> peers = {"gateway"};
};

class LoaderTest : public ::testing::Test {
 protected:
  LoaderTest() : loader("sla", "Keeps promises.") {
    loader.Add("pg_host", &settings.pg_host, "Host or socket folder of PostgreSQL.");
    loader.Add("pg_password_file", &settings.pg_password_file, "File with the password.");
    loader.Add("api_secret", &settings.api_secret, "Must not be printed.");
    loader.Add("rpc_workers", &settings.rpc_workers, "Workers.", 1, 64);
    loader.Add("self_probe", &settings.self_probe, "Probe the own port.");
    loader.Add("peers", &settings.peers, "Services | that may call.");
  }
  ~LoaderTest() override {
    if (!file.empty()) {
      std::filesystem::remove(file);
    }
  }

  void File(const std::string& text) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "steward-config-XXXXXX").string();
    close(mkstemp(pattern.data()));
    file = pattern;
    std::ofstream(file) << text;
    flags.push_back("--config");
    flags.push_back(file);
  }

  absl::StatusOr<Outcome> Load() {
    std::vector<const char*> argv = {"steward-sla"};
    for (const std::string& flag : flags) {
      argv.push_back(flag.c_str());
    }
    return loader.Load(static_cast<int>(argv.size()), argv.data(), environment);
  }
  std::string Faults() {
    auto outcome = Load();
    return outcome.ok() ? "none" : std::string(FromAbsl(outcome.status().message()));
  }

  Settings settings;
  Loader loader;
  std::vector<std::string> flags;
  Environment environment;
  std::string file;
};

TEST_F(LoaderTest, DefaultsStand) {
  EXPECT_EQ(Faults(), "none");
  EXPECT_EQ(settings.pg_host, "127.0.0.1");
  EXPECT_EQ(settings.rpc_workers, 8);
}

// Every pair of origins, for a text, an integer, a switch and a list: the stronger one wins.
struct Pair {
  Origin weaker, stronger;
};
class EveryPair : public LoaderTest, public ::testing::WithParamInterface<Pair> {
 protected:
  void Give(Origin origin, const std::string& host, int workers, const std::string& probe,
            const std::string& peers) {
    switch (origin) {
      case Origin::kDefault:
        break;
      case Origin::kFile:
        File("pg_host: " + host + "\nrpc_workers: " + std::to_string(workers) +
             "\nself_probe: " + probe + "\npeers: [" + peers + "]\n");
        break;
      case Origin::kEnvironment:
        environment["STEWARD_SLA_PG_HOST"] = host;
        environment["STEWARD_SLA_RPC_WORKERS"] = std::to_string(workers);
        environment["STEWARD_SLA_SELF_PROBE"] = probe;
        environment["STEWARD_SLA_PEERS"] = peers;
        break;
      case Origin::kFlag:
        flags.insert(flags.end(), {"--pg-host", host, "--rpc-workers=" + std::to_string(workers),
                                   "--self-probe=" + probe, "--peers", peers});
        break;
    }
  }
};

TEST_P(EveryPair, StrongerWins) {
  Give(GetParam().weaker, "weak", 2, "true", "w1,w2");
  Give(GetParam().stronger, "strong", 3, "false", "s1,s2");
  ASSERT_EQ(Faults(), "none");
  EXPECT_EQ(settings.pg_host, "strong");
  EXPECT_EQ(settings.rpc_workers, 3);
  EXPECT_FALSE(settings.self_probe);
  EXPECT_THAT(settings.peers, ElementsAre("s1", "s2"));
}

TEST_P(EveryPair, WeakerCountsWhereTheStrongerIsSilent) {
  Give(GetParam().weaker, "weak", 2, "false", "w1");
  ASSERT_EQ(Faults(), "none");
  bool given = GetParam().weaker != Origin::kDefault;
  EXPECT_EQ(settings.pg_host, given ? "weak" : "127.0.0.1");
  EXPECT_EQ(settings.rpc_workers, given ? 2 : 8);
}

INSTANTIATE_TEST_SUITE_P(Origins, EveryPair,
                         ::testing::Values(Pair{Origin::kDefault, Origin::kFile},
                                           Pair{Origin::kDefault, Origin::kEnvironment},
                                           Pair{Origin::kDefault, Origin::kFlag},
                                           Pair{Origin::kFile, Origin::kEnvironment},
                                           Pair{Origin::kFile, Origin::kFlag},
                                           Pair{Origin::kEnvironment, Origin::kFlag}));

TEST_F(LoaderTest, AllFaultsAreReportedTogether) {
  File("pg_hots: x\nrpc_workers: many\npeers: {a: b}\n");
  environment = {{"STEWARD_SLA_RPC_WORKERZ", "3"},
                 {"STEWARD_SLA_SELF_PROBE", "perhaps"},
                 {"STEWARD_COMPLAINTS_X", "other service"},
                 {"PATH", "/bin"}};
  flags.insert(flags.end(), {"--rpc-workers", "65", "--no-such-flag", "--also=wrong"});
  loader.Check(
      [](std::vector<std::string>& errors) { errors.push_back("pg_database: is needed"); });
  std::string faults = Faults();
  for (const char* part :
       {"pg_hots: unknown key", "rpc_workers: \"many\" is not an integer 1 to 64",
        "peers: is neither a value nor a list", "STEWARD_SLA_RPC_WORKERZ: unknown variable",
        "STEWARD_SLA_SELF_PROBE: \"perhaps\" is not true or false",
        "--rpc-workers: \"65\" is not an integer 1 to 64", "--no-such-flag: unknown flag",
        "--also=wrong: unknown flag", "pg_database: is needed"}) {
    EXPECT_THAT(faults, HasSubstr(part));
  }
  EXPECT_THAT(faults, Not(HasSubstr("COMPLAINTS")));
  EXPECT_EQ(std::count(faults.begin(), faults.end(), '\n'), 8);
}

TEST_F(LoaderTest, BrokenFilesAreFaults) {
  for (const char* text : {"pg_host: [", "- a\n- b\n", "pg_host: a\npg_host: b\n",
                           "pg_host: {x: y}\n", "peers: ['a,b']\n"}) {
    flags.clear();
    File(text);
    EXPECT_NE(Faults(), "none") << text;
    std::filesystem::remove(file);
  }
  flags = {"--config", "/no/such/file.yaml"};
  EXPECT_THAT(Faults(), HasSubstr("/no/such/file.yaml"));
}

TEST_F(LoaderTest, MissingFlagValueIsAFaultBesideTheOthers) {
  environment["STEWARD_SLA_RPC_WORKERS"] = "0";
  flags = {"--pg-host"};
  std::string faults = Faults();
  EXPECT_THAT(faults, HasSubstr("--pg-host"));
  EXPECT_THAT(faults, HasSubstr("STEWARD_SLA_RPC_WORKERS"));
}

TEST_F(LoaderTest, ConfigFileMayBeNamedByTheEnvironment) {
  File("pg_host: from-file\n");
  flags.clear();
  environment["STEWARD_SLA_CONFIG"] = file;
  EXPECT_EQ(Faults(), "none");
  EXPECT_EQ(settings.pg_host, "from-file");
}

TEST_F(LoaderTest, SwitchNeedsNoValue) {
  settings.self_probe = false;
  flags = {"--self-probe", "--pg-host", "h"};
  EXPECT_EQ(Faults(), "none");
  EXPECT_TRUE(settings.self_probe);
  EXPECT_EQ(settings.pg_host, "h");
}

TEST_F(LoaderTest, ValuesAreTakenAsTheyAre) {
  flags = {"--pg-host", "{a} %s $HOME [b]", "--peers", "a, b ,,c"};
  environment["STEWARD_SLA_PG_PASSWORD_FILE"] = "";
  EXPECT_EQ(Faults(), "none");
  EXPECT_EQ(settings.pg_host, "{a} %s $HOME [b]");
  EXPECT_THAT(settings.peers, ElementsAre("a", "b", "c"));
}

TEST_F(LoaderTest, EmptyValuesAreValues) {
  settings.pg_password_file = "/run/secrets/pg";
  flags = {"--pg-host=", "--rpc-workers", "3", "--pg-password-file=", "--peers", ""};
  EXPECT_EQ(Faults(), "none");
  EXPECT_EQ(settings.pg_host, "");
  EXPECT_EQ(settings.pg_password_file, "");
  EXPECT_EQ(settings.rpc_workers, 3);
  EXPECT_TRUE(settings.peers.empty());
  flags = {"--rpc-workers=", "--self-probe="};
  std::string faults = Faults();
  EXPECT_THAT(faults, HasSubstr("--rpc-workers: \"\""));
  EXPECT_THAT(faults, HasSubstr("--self-probe: \"\""));
}

TEST_F(LoaderTest, PrintConfigShowsValueAndOriginAndNoSecret) {
  File("rpc_workers: 4\n");
  environment["STEWARD_SLA_PG_PASSWORD_FILE"] = "/run/secrets/pg";
  flags.insert(flags.end(), {"--pg-host", "say \"db\"", "--print-config"});
  Outcome outcome = Load().value();
  EXPECT_TRUE(outcome.exit);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.text,
            "pg_host: \"say \\\"db\\\"\"  # flag\npg_password_file: \"/run/secrets/pg\"  # "
            "environment\napi_secret: \"***\"  # default\n"
            "rpc_workers: \"4\"  # file\nself_probe: \"true\"  # default\npeers: \"gateway\"  # "
            "default\n");
}

TEST_F(LoaderTest, PrintedConfigIsAConfigFile) {
  flags = {"--pg-host", "x: #\\y", "--rpc-workers", "5", "--peers", "a,b", "--print-config"};
  std::string text = Load().value().text;
  Settings again;
  Loader second("sla", "");
  second.Add("pg_host", &again.pg_host, "");
  second.Add("pg_password_file", &again.pg_password_file, "");
  second.Add("api_secret", &again.api_secret, "");
  second.Add("rpc_workers", &again.rpc_workers, "");
  second.Add("self_probe", &again.self_probe, "");
  second.Add("peers", &again.peers, "");
  File(text);
  const char* argv[] = {"steward-sla", "--config", file.c_str()};
  ASSERT_TRUE(second.Load(3, argv, {}).ok());
  EXPECT_EQ(again.pg_host, "x: #\\y");
  EXPECT_EQ(again.rpc_workers, 5);
  EXPECT_THAT(again.peers, ElementsAre("a", "b"));
}

TEST_F(LoaderTest, ExitsAfterHelpVersionAndValidation) {
  flags = {"--help"};
  EXPECT_THAT(Load().value().text, HasSubstr("--rpc-workers"));
  flags = {"--version"};
  EXPECT_THAT(Load().value().text, HasSubstr("steward-sla "));
  flags = {"--validate-config"};
  EXPECT_TRUE(Load().value().exit);
  flags = {"--validate-config", "--rpc-workers", "x"};
  EXPECT_FALSE(Load().ok());
}

TEST_F(LoaderTest, ReferenceListsEverySetting) {
  std::string table = loader.Reference();
  EXPECT_THAT(table, HasSubstr("| `rpc_workers` | `--rpc-workers` | `STEWARD_SLA_RPC_WORKERS` | "
                               "integer 1 to 64 | `8` | Workers. |"));
  EXPECT_THAT(table, HasSubstr("Services \\| that may call."));
}

}  // namespace
}  // namespace steward::config
