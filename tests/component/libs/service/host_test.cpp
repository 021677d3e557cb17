// The probe service as a process, on a real database and a mock of Kafka.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/rpc/client.h"
#include "libs/rpc/identity.h"
#include "libs/testing/eventually.h"
#include "libs/testing/kafka_mock.h"
#include "libs/testing/pg_fixture.h"
#include "steward/operations/v1/operations_service.pb.h"
#include "tests/service_migrations.h"

namespace steward::service {
namespace {

using testing::Eventually;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::PgFixture;
namespace fs = std::filesystem;

// One run of the probe. Kills what still runs when it goes out of scope.
class Process {
 public:
  Process(const std::vector<std::string>& arguments, const fs::path& output,
          const std::vector<std::string>& environment = {})
      : output_(output) {
    std::vector<std::string> words = {SERVICE_PROBE};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables = environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      variables.emplace_back(*entry);
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    EXPECT_EQ(posix_spawn(&pid_, SERVICE_PROBE, &actions, nullptr, Pointers(words).data(),
                          Pointers(variables).data()),
              0);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Process() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  void Signal(int number) const { kill(pid_, number); }
  // -1 = it did not end.
  int ExitCode(Duration limit = Seconds(60)) {
    int status = 0;
    bool ended = Eventually(limit, [&] { return waitpid(pid_, &status, WNOHANG) == pid_; });
    if (!ended) {
      return -1;
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string Output() const {
    std::ifstream file(output_);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  // A number behind `"key":` in the log; 0 = not there yet.
  int Logged(const std::string& key) const {
    std::smatch match;
    std::string text = Output();
    return std::regex_search(text, match, std::regex("\"" + key + "\":([0-9]+)"))
               ? std::stoi(match[1])
               : 0;
  }

 private:
  static std::vector<char*> Pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    for (std::string& word : words) {
      out.push_back(word.data());
    }
    out.push_back(nullptr);
    return out;
  }
  fs::path output_;
  pid_t pid_ = -1;
};

constexpr char kPolicy[] = R"(
/steward.operations.v1.OperationsService/GetVersion: {peers: [stewardctl], grants: ["*"], reach: all}
/steward.operations.v1.OperationsService/GetStatus: {peers: [stewardctl], grants: [admin], reach: all}
/steward.operations.v1.OperationsService/ListParkedRecords: {peers: [stewardctl], grants: [admin], reach: all}
/steward.operations.v1.OperationsService/GetParkedRecord: {peers: [stewardctl], grants: [admin], reach: all}
/steward.operations.v1.OperationsService/ReleaseParkedRecords: {peers: [stewardctl], grants: [admin], reach: all}
/steward.operations.v1.OperationsService/DiscardParkedRecords: {peers: [stewardctl], grants: [admin], reach: all}
/steward.operations.v1.OperationsService/CheckOutbox: {peers: [stewardctl], grants: [admin], reach: all}
/steward.operations.v1.OperationsService/ReconcileOutbox: {peers: [stewardctl], grants: [admin], reach: all}
/steward.operations.v1.OperationsService/DenyToken: {peers: [stewardctl], grants: [operator], reach: all}
/steward.operations.v1.OperationsService/AllowToken: {peers: [stewardctl], grants: [operator], reach: all}
/steward.operations.v1.OperationsService/ListDeniedTokens: {peers: [stewardctl], grants: [operator], reach: all}
/steward.operations.v1.OperationsService/ListChanges: {peers: [stewardctl], grants: [admin], reach: all}
)";

class HostTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    kafka = new testing::KafkaMock(1);
    kafka->CreateTopic("steward.probe.v1", 12);
    key = new rpc::GeneratedKey(rpc::GenerateSigningKey().value());
  }
  static void TearDownTestSuite() {
    delete kafka;
    delete key;
  }
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "steward-host-XXXXXX").string();
    folder = mkdtemp(pattern.data());
    Write("policy.yaml", kPolicy);
    Write("jwks.json", key->jwks_json);
    Write("secret", "sixteen bytes or more");
  }
  void TearDown() override { fs::remove_all(folder); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
  }

  std::vector<std::string> Flags(const pg::Options& database) {
    return {"--profile=dev",
            "--pg-host=" + database.host,
            "--pg-port=" + std::to_string(database.port),
            "--pg-database=" + database.database,
            "--pg-user=" + database.user,
            "--pg-password-file=" + database.password_file,
            "--kafka-bootstrap-servers=" + kafka->options().bootstrap_servers,
            "--policy-file=" + (folder / "policy.yaml").string(),
            "--token-jwks-file=" + (folder / "jwks.json").string(),
            "--token-issuer=dev-only",
            "--page-token-secret-file=" + (folder / "secret").string(),
            "--bootstrap-admin=members/boot",
            "--rpc-workers=2"};
  }
  std::unique_ptr<Process> Start(std::vector<std::string> flags,
                                 const std::vector<std::string>& more = {},
                                 const std::vector<std::string>& environment = {}) {
    flags.insert(flags.end(), more.begin(), more.end());
    return std::make_unique<Process>(flags, folder / "output", environment);
  }
  // Exit code and output of a run that ends by itself.
  std::pair<int, std::string> Run(std::vector<std::string> first,
                                  const std::vector<std::string>& flags,
                                  const std::vector<std::string>& environment = {}) {
    auto process = Start(std::move(first), flags, environment);
    int code = process->ExitCode();
    return {code, process->Output()};
  }
  std::unique_ptr<Process> StartReady(const std::vector<std::string>& flags) {
    auto process = Start(flags);
    EXPECT_TRUE(Eventually(Seconds(60), [&] {
      return process->Logged("admin_port") != 0 && Get(*process, "/readyz").first == 200;
    })) << process->Output();
    return process;
  }
  static std::pair<int, std::string> Get(const Process& process, const std::string& path) {
    auto answer = httplib::Client("127.0.0.1", process.Logged("admin_port")).Get(path);
    return answer ? std::pair(answer->status, answer->body) : std::pair(0, std::string());
  }
  std::string Token(const std::string& subject) {
    return rpc::MintToken({.subject = subject,
                           .issuer = "dev-only",
                           .key_id = key->key_id,
                           .issued_at = SystemClock().Now(),
                           .life = Minutes(5)},
                          key->private_key_pem)
        .value();
  }

  // No token, a stranger, the bootstrap admin.
  void CheckIdentity(int port) {
    rpc::ClientOptions options;
    options.target = "127.0.0.1:" + std::to_string(port);
    rpc::Client client(options);
    operations::v1::GetVersionRequest request;
    operations::v1::Version version;
    const char* method = "/steward.operations.v1.OperationsService/GetVersion";
    EXPECT_EQ(client.Invoke(method, request, &version, Seconds(10)).code(),
              absl::StatusCode::kUnauthenticated);
    client.SetToken(Token("members/nobody"));
    EXPECT_EQ(client.Invoke(method, request, &version, Seconds(10)).code(),
              absl::StatusCode::kPermissionDenied);
    client.SetToken(Token("members/boot"));
    absl::Status answered = client.Invoke(method, request, &version, Seconds(10));
    EXPECT_TRUE(answered.ok()) << answered;
  }

  static testing::KafkaMock* kafka;
  static rpc::GeneratedKey* key;
  fs::path folder;
};
testing::KafkaMock* HostTest::kafka = nullptr;
rpc::GeneratedKey* HostTest::key = nullptr;

TEST_F(HostTest, ServesAndStopsInOrder) {
  auto process = StartReady(Flags(PgFixture::Shared().NewDatabase(testdata::Migrations())));
  EXPECT_EQ(Get(*process, "/livez").first, 200);
  EXPECT_THAT(Get(*process, "/version").second, HasSubstr("\"service\":\"probe\""));
  std::string metrics = Get(*process, "/metrics").second;
  for (const char* series : {"steward_build_info{", "steward_schema_info{version=\"6\"} 1",
                             "steward_insecure_profile 1", "process_open_fds"}) {
    EXPECT_THAT(metrics, HasSubstr(series));
  }
  CheckIdentity(process->Logged("grpc_port"));
  process->Signal(SIGTERM);
  EXPECT_EQ(process->ExitCode(), 0) << process->Output();
  std::string output = process->Output();
  size_t last = 0;
  for (const char* step : {"\"step\":\"readiness\"", "\"step\":\"pause\"", "\"step\":\"server\"",
                           "\"step\":\"relay\"", "\"step\":\"admin\"", "stopped in order"}) {
    size_t at = output.find(step);
    ASSERT_NE(at, std::string::npos) << step;
    EXPECT_GT(at, last) << step;
    last = at;
  }
}

TEST_F(HostTest, FollowsTheDatabaseAndRecovers) {
  auto process = StartReady(Flags(PgFixture::Shared().NewDatabase(testdata::Migrations())));
  PgFixture::Shared().Kill();
  EXPECT_TRUE(Eventually(Seconds(20), [&] { return Get(*process, "/readyz").first == 503; }));
  EXPECT_EQ(Get(*process, "/readyz").second, "database unreachable\n");
  EXPECT_EQ(Get(*process, "/livez").first, 200);
  PgFixture::Shared().Restart();
  EXPECT_TRUE(Eventually(Seconds(30), [&] { return Get(*process, "/readyz").first == 200; }))
      << process->Output();
  process->Signal(SIGINT);
  EXPECT_EQ(process->ExitCode(), 0);
}

TEST_F(HostTest, MigratesOnDemandAndServesOnlyItsSchema) {
  pg::Options empty = PgFixture::Shared().NewDatabase();
  std::vector<std::string> flags = Flags(empty);
  EXPECT_EQ(Run({"migrate", "verify"}, flags).first, 1);
  EXPECT_THAT(Run({"migrate", "status"}, flags).second, HasSubstr("missing  0001_create_journal"));
  auto [refused, why] = Run({}, flags);
  EXPECT_EQ(refused, 1);
  EXPECT_THAT(why, HasSubstr("migrate up"));
  EXPECT_EQ(Run({"migrate", "up"}, flags).first, 0);
  EXPECT_EQ(Run({"migrate", "up"}, flags).first, 0);
  EXPECT_EQ(Run({"migrate", "verify"}, flags), std::pair(0, std::string("the schema is at 6\n")));
  EXPECT_THAT(Run({"migrate", "status"}, flags).second,
              HasSubstr("applied  0003_create_org_entry"));
  EXPECT_EQ(Run({"migrate"}, flags).first, 2);
  EXPECT_EQ(Run({"migrate", "down"}, flags).first, 2);
}

TEST_F(HostTest, FaultsOfSettingsEndWithTwo) {
  pg::Options none;
  none.host = "/nowhere";
  auto [code, output] = Run({}, {"--rpc-workers=0", "--no-such=1"}, {"STEWARD_PROBE_TYPO=1"});
  EXPECT_EQ(code, 2);
  for (const char* part :
       {"--rpc-workers", "--no-such=1: unknown flag", "STEWARD_PROBE_TYPO: unknown variable",
        "pg_database: is needed", "policy_file: is needed", "tls_certificate_file"}) {
    EXPECT_THAT(output, HasSubstr(part));
  }
  none.database = none.user = "x";
  Write("policy.yaml",
        "/steward.operations.v1.OperationsService/GetVersion: {peers: [stewardctl], grants: "
        "[\"*\"], reach: all}\n");
  auto [uncovered, names] = Run({}, Flags(none));
  EXPECT_EQ(uncovered, 2);
  EXPECT_THAT(names, HasSubstr("GetStatus"));
  Write("policy.yaml", kPolicy);
  Write("secret", "short");
  EXPECT_EQ(Run({}, Flags(none)).first, 2);
}

TEST_F(HostTest, UnsafeDevelopmentEndsWith78) {
  pg::Options local = PgFixture::Shared().NewDatabase(testdata::Migrations());
  EXPECT_EQ(Run(Flags(local), {"--listen=0.0.0.0:0"}).first, 78);
  EXPECT_EQ(Run(Flags(local), {"--redis-host=redis.example.com"}).first, 78);
  EXPECT_EQ(Run(Flags(local), {}, {"KUBERNETES_SERVICE_HOST=10.0.0.1"}).first, 78);
  pg::Options remote = local;
  remote.host = "192.0.2.1";
  EXPECT_EQ(Run(Flags(remote), {}).first, 78);
}

TEST_F(HostTest, PrintsItsSettingsWithOriginAndWithoutSecrets) {
  pg::Options database = PgFixture::Shared().NewDatabase();
  std::vector<std::string> flags = Flags(database);
  flags.push_back("--print-config");
  auto [code, output] = Run({}, flags, {"STEWARD_PROBE_RPC_QUEUE_SIZE=7"});
  EXPECT_EQ(code, 0);
  EXPECT_THAT(output, HasSubstr("rpc_workers: \"2\"  # flag\n"));
  EXPECT_THAT(output, HasSubstr("rpc_queue_size: \"7\"  # environment\n"));
  EXPECT_THAT(output, HasSubstr("kafka_partitions: \"12\"  # default\n"));
  EXPECT_THAT(output, Not(HasSubstr("sixteen bytes")));
  auto [listed, table] = Run({"config-reference"}, {});
  EXPECT_EQ(listed, 0);
  EXPECT_THAT(table, HasSubstr("| `drain_timeout_ms` |"));
}

}  // namespace
}  // namespace steward::service
