// stewardctl against a server: request ids, repeats, pages, tokens, what a refusal becomes.

#include "tools/stewardctl/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/metrics/registry.h"
#include "libs/rpc/server.h"
#include "steward/directory/v1/directory_service.pb.h"
#include "tools/stewardctl/call.h"
#include "tools/stewardctl/exit_code.h"
#include "tools/stewardctl/services.h"

namespace stewardctl {
namespace {

namespace pb = steward::directory::v1;
namespace rpc = steward::rpc;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// The token is the subject.
class PlainVerifier final : public rpc::TokenVerifier {
 public:
  absl::StatusOr<rpc::Token> Verify(std::string_view authorization, steward::Time) override {
    return rpc::Token{std::string(authorization.substr(authorization.find(' ') + 1)), {}};
  }
};
class OneMember final : public rpc::Members {
 public:
  std::optional<Who> Find(std::string_view subject, steward::Time) const override {
    return subject == "members/tester" ? std::optional<Who>(Who{"members/tester", {"admin"}})
                                       : std::nullopt;
  }
  bool NoAdminYet() const override { return false; }
  rpc::Reach ReachOf(std::string_view, Scope, steward::Time) const override { return {}; }
};

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "stewardctl-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::ofstream(folder_ / "token") << "members/tester\n";
    std::map<std::string, rpc::MethodPolicy> policy;
    const auto* api = FindService("directory")->apis.front();
    for (int i = 0; i < api->method_count(); ++i) {
      rpc::MethodPolicy line;
      line.grants = {"*"};
      line.rate_per_second = 1e6;
      line.burst = 1e6;
      policy["/" + api->full_name() + "/" + api->method(i)->name()] = line;
    }
    guard_ = std::make_unique<rpc::Guard>(policy, verifier_, members_, "");
    rpc::ServerOptions options;
    options.service = "directory";
    options.development = true;
    options.workers = 2;
    options.self_probe = false;
    server_ = std::make_unique<rpc::Server>(options, *guard_, metrics_, clock_);
    for (int i = 0; i < api->method_count(); ++i) {
      const Method method = FindMethod("directory." + api->method(i)->name());
      AddHandler(method);
    }
    ASSERT_TRUE(server_->Start().ok());
    server_->SetServing(true);
  }
  void TearDown() override {
    server_->Stop(steward::Seconds(5));
    std::filesystem::remove_all(folder_);
  }

  // Each method answers what the test set for it.
  void AddHandler(const Method& method) {
    auto* prototypes = google::protobuf::MessageFactory::generated_factory();
    server_->AddRaw(method.path(), *prototypes->GetPrototype(method.descriptor->input_type()),
                    *prototypes->GetPrototype(method.descriptor->output_type()),
                    [this, name = method.descriptor->name()](
                        rpc::Call& call, const google::protobuf::Message& request,
                        google::protobuf::Message* response) -> absl::Status {
                      std::lock_guard lock(mutex_);
                      request_ids_.push_back(call.request_id);
                      const auto handler = handlers_.find(name);
                      return handler == handlers_.end() ? absl::UnimplementedError("not set")
                                                        : handler->second(request, response);
                    });
  }

  SessionOptions Options() {
    SessionOptions options;
    options.address = "127.0.0.1:" + std::to_string(server_->port());
    options.token_file = folder_ / "token";
    options.context_file = folder_ / "context.json";
    std::ofstream(options.context_file) << "{\"services\": {}}";
    options.quiet = true;
    return options;
  }
  absl::Status CreateTeam(Session& session) {
    pb::CreateTeamRequest request;
    request.mutable_team()->set_name("teams/a");
    (*request.mutable_team()->mutable_display_names())["en"] = "A";
    pb::Team team;
    return session.Call("directory.CreateTeam", request, &team);
  }

  using Handler =
      std::function<absl::Status(const google::protobuf::Message&, google::protobuf::Message*)>;
  std::filesystem::path folder_;
  PlainVerifier verifier_;
  OneMember members_;
  steward::SystemClock clock_;
  steward::metrics::Registry metrics_;
  std::unique_ptr<rpc::Guard> guard_;
  std::unique_ptr<rpc::Server> server_;
  std::mutex mutex_;
  std::map<std::string, Handler> handlers_;
  std::vector<std::string> request_ids_;
};

TEST_F(SessionTest, AWriteIsRepeatedWithTheSameIdWhenTheServerWasAway) {
  int calls = 0;
  handlers_["CreateTeam"] = [&](const auto&, auto*) {
    return ++calls < 3 ? absl::UnavailableError("not now") : absl::OkStatus();
  };
  Session session(Options());
  EXPECT_TRUE(CreateTeam(session).ok());
  ASSERT_THAT(request_ids_, SizeIs(3));
  EXPECT_TRUE(steward::Uuid::Parse(request_ids_[0]).ok());
  EXPECT_THAT(request_ids_, Each(request_ids_[0]));
}

TEST_F(SessionTest, ARefusalIsNotRepeated) {
  int calls = 0;
  handlers_["CreateTeam"] = [&](const auto&, auto*) {
    ++calls;
    return steward::Refuse(absl::StatusCode::kFailedPrecondition, "no", {.reason = "WHY_NOT"});
  };
  Session session(Options());
  const absl::Status status = CreateTeam(session);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(ExitCode(status), kConflict);
  EXPECT_EQ(steward::ReasonOf(status), "WHY_NOT");
}

TEST_F(SessionTest, RepeatingEndsWithTheTimeout) {
  handlers_["CreateTeam"] = [&](const auto&, auto*) { return absl::UnavailableError("not now"); };
  SessionOptions options = Options();
  options.timeout = steward::Milliseconds(700);
  Session session(options);
  const int64_t begin = steward::MonotonicMicros();
  EXPECT_EQ(ExitCode(CreateTeam(session)), kUnavailable);
  EXPECT_LT(steward::MonotonicMicros() - begin, steward::Seconds(5).micros);
  EXPECT_GT(request_ids_.size(), 1u);
}

TEST_F(SessionTest, AGivenIdIsUsedFirstAndTheOthersFollowFromIt) {
  handlers_["CreateTeam"] = [&](const auto&, auto*) { return absl::OkStatus(); };
  SessionOptions options = Options();
  options.request_id = "0190d9a0-0000-7000-8000-000000000001";
  for (int run = 0; run < 2; ++run) {
    Session session(options);
    ASSERT_TRUE(CreateTeam(session).ok());
    ASSERT_TRUE(CreateTeam(session).ok());
  }
  ASSERT_THAT(request_ids_, SizeIs(4));
  EXPECT_EQ(request_ids_[0], options.request_id);
  EXPECT_NE(request_ids_[1], request_ids_[0]);
  EXPECT_TRUE(steward::Uuid::Parse(request_ids_[1]).ok());
  EXPECT_EQ(request_ids_[2], request_ids_[0]);  // the same command again: the same ids
  EXPECT_EQ(request_ids_[3], request_ids_[1]);
}

TEST_F(SessionTest, ListsAreReadPageByPageUpToTheLimit) {
  std::vector<int> page_sizes;
  handlers_["ListTeams"] = [&](const google::protobuf::Message& message, auto* out) {
    const auto& request = static_cast<const pb::ListTeamsRequest&>(message);
    auto* response = static_cast<pb::ListTeamsResponse*>(out);
    const int begin = request.page_token().empty() ? 0 : std::stoi(request.page_token());
    page_sizes.push_back(request.page_size());
    for (int i = begin; i < std::min(450, begin + request.page_size()); ++i) {
      response->add_teams()->set_name("teams/" + std::to_string(i));
    }
    if (begin + request.page_size() < 450) {
      response->set_next_page_token(std::to_string(begin + request.page_size()));
    }
    return absl::OkStatus();
  };
  Session session(Options());
  pb::ListTeamsRequest request;
  pb::ListTeamsResponse some, all;
  ASSERT_TRUE(CallPages(session, "directory.ListTeams", request, 300, &some).ok());
  EXPECT_EQ(some.teams_size(), 300);
  EXPECT_FALSE(some.next_page_token().empty());
  EXPECT_THAT(page_sizes, ElementsAre(200, 100));
  ASSERT_TRUE(CallPages(session, "directory.ListTeams", request, 1000, &all).ok());
  ASSERT_EQ(all.teams_size(), 450);
  EXPECT_EQ(all.teams(449).name(), "teams/449");
  EXPECT_TRUE(all.next_page_token().empty());
}

TEST_F(SessionTest, WithoutAGoodTokenNothingIsCalled) {
  handlers_["CreateTeam"] = [&](const auto&, auto*) { return absl::OkStatus(); };
  std::ofstream(folder_ / "token") << "members/stranger\n";
  Session session(Options());
  EXPECT_EQ(ExitCode(CreateTeam(session)), kError);
  EXPECT_THAT(request_ids_, SizeIs(0));
}

TEST_F(SessionTest, CertificateKeyAndCaGoTogetherAndAreThere) {
  for (const char* name : {"cert.pem", "cert.key", "ca.pem"}) {
    std::ofstream(folder_ / name) << "anything\n";
  }
  const auto call = [this](const char* certificate, const char* key, const char* ca) {
    SessionOptions options = Options();
    options.tls_certificate_file = *certificate ? folder_ / certificate : "";
    options.tls_key_file = *key ? folder_ / key : "";
    options.tls_ca_file = *ca ? folder_ / ca : "";
    Session session(options);
    return CreateTeam(session);
  };
  EXPECT_THAT(Explain(call("cert.pem", "", "")), HasSubstr("--tls-key-file"));
  EXPECT_THAT(Explain(call("", "cert.key", "ca.pem")), HasSubstr("--tls-certificate-file"));
  EXPECT_THAT(Explain(call("cert.pem", "cert.key", "")), HasSubstr("--tls-ca-file"));
  const absl::Status missing = call("cert.pem", "none.key", "ca.pem");
  EXPECT_EQ(ExitCode(missing), kUsage);
  EXPECT_THAT(Explain(missing), HasSubstr((folder_ / "none.key").string()));
}

TEST_F(SessionTest, AnUnknownServiceOrFileIsAUsageError) {
  SessionOptions options = Options();
  options.address = "";
  Session no_address(options);
  EXPECT_EQ(ExitCode(CreateTeam(no_address)), kUsage);  // the context names no such service
  options.context_file = folder_ / "none.json";
  Session no_file(options);
  EXPECT_EQ(ExitCode(CreateTeam(no_file)), kUsage);
}

}  // namespace
}  // namespace stewardctl
