// DenyToken, AllowToken and ListDeniedTokens over the wire, with the tokens that they are about.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "libs/base/status.h"
#include "libs/identity/deny_list.h"
#include "libs/rpc/client.h"
#include "libs/rpc/validate.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"
#include "steward/operations/v1/operations_service.pb.h"
#include "tests/identity_migrations.h"

// The resolver that gRPC uses for `localhost` keeps ten bytes of each lookup.
extern "C" const char* __lsan_default_suppressions() { return "leak:libcares"; }

namespace steward::identity {
namespace {

namespace pb = operations::v1;
using testing::Eventually;

constexpr Duration kTokenLife = Minutes(17);

std::string Path(const std::string& method) {
  return "/steward.operations.v1.OperationsService/" + method;
}

// Everybody is an operator; an outside claim `idp|x` is members/x.
class Operators final : public rpc::Members {
 public:
  std::optional<Who> Find(std::string_view subject, Time) const override {
    const std::string name(subject);
    return Who{name.starts_with("idp|") ? "members/" + name.substr(4) : name, {"operator"}};
  }
  bool NoAdminYet() const override { return false; }
  rpc::Reach ReachOf(std::string_view, Scope, Time) const override { return {}; }
};

class DenyMethodsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = testing::PgFixture::Shared().NewDatabase(schema::Migrations());
    std::string folder = (std::filesystem::temp_directory_path() / "steward-deny-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    key_ = *rpc::GenerateSigningKey();
    std::ofstream(folder_ / "jwks.json") << key_.jwks_json;
    verifier_ = *rpc::TokenVerifier::Create(
        {.jwks_file = folder_ / "jwks.json", .issuer = "dev-only", .production = false});
    list_ = std::make_unique<DenyList>(database_, registry_, Hours(1));
    ASSERT_TRUE(list_->Start().ok());
    StartServer();
    operator_ = ClientWith(Token("members/op"));
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  void StartServer() {
    const auto* service = pb::GetVersionRequest::descriptor()->file()->service(0);
    std::map<std::string, rpc::MethodPolicy> policy;
    for (int i = 0; i < service->method_count(); ++i) {
      policy[Path(service->method(i)->name())] = {
          .peers = {}, .grants = {"operator"}, .rate_per_second = 1e6, .burst = 1e6};
    }
    guard_ = std::make_unique<rpc::Guard>(policy, *verifier_, members_, "", list_.get());
    rpc::ServerOptions options;
    options.service = "sla";
    options.workers = 2;
    options.development = true;
    options.self_probe = false;
    server_ = std::make_unique<rpc::Server>(options, *guard_, registry_, clock_);
    db_ = std::make_unique<pg::WorkerConnections>(database_, 2, &registry_);
    AddDenyMethods(*server_, {.db = db_.get(),
                              .clock = &clock_,
                              .list = list_.get(),
                              .tokens = &page_tokens_,
                              .token_life = kTokenLife});
    auto* prototypes = google::protobuf::MessageFactory::generated_factory();
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      if (method->name().find("Token") == std::string::npos) {
        server_->AddRaw(Path(method->name()), *prototypes->GetPrototype(method->input_type()),
                        *prototypes->GetPrototype(method->output_type()),
                        [](auto&, const auto&, auto*) { return absl::OkStatus(); });
      }
    }
    ASSERT_TRUE(server_->Start().ok());
  }

  std::string Token(const std::string& subject) {
    return *rpc::MintToken({.subject = subject,
                            .issuer = "dev-only",
                            .key_id = key_.key_id,
                            .issued_at = clock_.Now(),
                            .life = Minutes(10)},
                           key_.private_key_pem);
  }
  // `jti` of a token of ours: the only text of 32 hex digits in its body.
  static std::string IdOf(const std::string& token) {
    const size_t begin = token.find('.') + 1;
    std::string body;
    EXPECT_TRUE(absl::WebSafeBase64Unescape(token.substr(begin, token.rfind('.') - begin), &body));
    const size_t id = body.find("\"jti\":\"") + 7;
    return body.substr(id, body.find('"', id) - id);
  }
  std::unique_ptr<rpc::Client> ClientWith(const std::string& token) {
    rpc::ClientOptions options;
    options.target = "127.0.0.1:" + std::to_string(server_->port());
    auto client = std::make_unique<rpc::Client>(options);
    client->SetToken(token);
    return client;
  }
  // The reason of the refusal of a call with this token; "" = it is taken.
  std::string Answer(const std::string& token) {
    pb::Version version;
    const absl::Status status = ClientWith(token)->Invoke(
        Path("GetVersion"), pb::GetVersionRequest(), &version, Seconds(10));
    EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kUnauthenticated) << status;
    return ReasonOf(status);
  }
  bool Becomes(const std::string& token, const std::string& answer) {
    return Eventually(Seconds(10), [&] { return Answer(token) == answer; });
  }

  absl::StatusOr<pb::DeniedToken> Deny(const std::string& kind, const std::string& value,
                                       const std::string& reason = "stolen",
                                       std::optional<Time> end = std::nullopt) {
    pb::DenyTokenRequest request;
    request.set_kind(kind);
    request.set_value(value);
    request.set_reason(reason);
    if (end) {
      *request.mutable_expire_time() = rpc::ToProto(*end);
    }
    pb::DeniedToken made;
    RETURN_IF_ERROR(operator_->Invoke(Path("DenyToken"), request, &made, Seconds(10)));
    return made;
  }
  absl::StatusOr<bool> Allow(const std::string& kind, const std::string& value) {
    pb::AllowTokenRequest request;
    request.set_kind(kind);
    request.set_value(value);
    pb::AllowTokenResponse done;
    RETURN_IF_ERROR(operator_->Invoke(Path("AllowToken"), request, &done, Seconds(10)));
    return done.was_denied();
  }
  pb::ListDeniedTokensResponse Page(int size, const std::string& page_token, bool all = false) {
    pb::ListDeniedTokensRequest request;
    request.set_show_allowed(all);
    request.set_page_size(size);
    request.set_page_token(page_token);
    pb::ListDeniedTokensResponse page;
    const absl::Status status =
        operator_->Invoke(Path("ListDeniedTokens"), request, &page, Seconds(10));
    EXPECT_TRUE(status.ok()) << status;
    return page;
  }

  pg::Options database_;
  std::filesystem::path folder_;
  rpc::GeneratedKey key_;
  SystemClock clock_;
  metrics::Registry registry_;
  Operators members_;
  rpc::PageTokens page_tokens_{"secret"};
  std::unique_ptr<rpc::TokenVerifier> verifier_;
  std::unique_ptr<DenyList> list_;
  std::unique_ptr<rpc::Guard> guard_;
  std::unique_ptr<pg::WorkerConnections> db_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::Client> operator_;
};

TEST_F(DenyMethodsTest, ATokenIsRefusedFromTheCacheTooAndTakenAgainWhenAllowed) {
  const std::string stolen = Token("members/ann"), other = Token("members/ann");
  EXPECT_EQ(Answer(stolen), "");
  EXPECT_EQ(Answer(stolen), "") << "by now it is cached";
  const auto made = Deny("jti", IdOf(stolen));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->member(), "members/op");
  EXPECT_EQ(made->reason(), "stolen");
  const Duration left = rpc::FromProto(made->expire_time()) - clock_.Now();
  EXPECT_LE(left, kTokenLife);
  EXPECT_GT(left, kTokenLife - Minutes(1));
  EXPECT_TRUE(Becomes(stolen, "TOKEN_DENIED"));
  EXPECT_EQ(Answer(other), "");

  EXPECT_TRUE(*Allow("jti", IdOf(stolen)));
  EXPECT_TRUE(Becomes(stolen, ""));
  EXPECT_FALSE(*Allow("jti", IdOf(stolen))) << "allowing twice changes nothing";
}

TEST_F(DenyMethodsTest, ASubjectIsRefusedWithEveryTokenUntilItIsAllowed) {
  const std::string direct = Token("members/ann"), mapped = Token("idp|ann");
  EXPECT_EQ(Answer(direct), "");
  const auto made = Deny("sub", "members/ann");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_FALSE(made->has_expire_time());
  EXPECT_TRUE(Becomes(direct, "TOKEN_DENIED"));
  EXPECT_EQ(Answer(mapped), "TOKEN_DENIED") << "the member behind an outside claim";
  EXPECT_EQ(Answer(Token("members/ann")), "TOKEN_DENIED") << "a new token";
  EXPECT_EQ(Answer(Token("members/bob")), "");
  EXPECT_TRUE(*Allow("sub", "members/ann"));
  EXPECT_TRUE(Becomes(direct, ""));
}

TEST_F(DenyMethodsTest, DenyingAgainReplacesReasonAndEnd) {
  ASSERT_TRUE(Deny("sub", "members/ann", "first").ok());
  const Time end = clock_.Now() + Hours(1);
  ASSERT_TRUE(Deny("sub", "members/ann", "second", end).ok());
  const auto page = Page(0, "");
  ASSERT_EQ(page.denied_tokens_size(), 1);
  EXPECT_EQ(page.denied_tokens(0).reason(), "second");
  EXPECT_EQ(rpc::FromProto(page.denied_tokens(0).expire_time()).micros, end.micros);
}

TEST_F(DenyMethodsTest, TheListIsPagedAndLeavesOutWhatHasEnded) {
  for (const char* value : {"c", "a", "e", "b", "d"}) {
    ASSERT_TRUE(Deny("jti", value).ok());
  }
  ASSERT_TRUE(Deny("sub", "a").ok());
  const auto connection = *pg::Connection::Open(database_);
  ASSERT_TRUE(connection
                  ->RunScript("UPDATE denied_token SET expires_at = clock_timestamp() - "
                              "interval '1 second' WHERE value = 'd'")
                  .ok());
  std::string listed, token;
  do {
    const auto page = Page(2, token);
    EXPECT_LE(page.denied_tokens_size(), 2);
    for (const auto& entry : page.denied_tokens()) {
      listed += entry.kind() + ":" + entry.value() + " ";
    }
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(listed, "jti:a jti:b jti:c jti:e sub:a ");
}

TEST_F(DenyMethodsTest, WhoAllowedATokenAgainIsKeptForAYear) {
  for (const char* reason : {"first", "second", "third"}) {
    ASSERT_TRUE(Deny("sub", "members/ann", reason).ok());
    ASSERT_TRUE(*Allow("sub", "members/ann"));
  }
  ASSERT_TRUE(Deny("sub", "members/ann", "now").ok());
  EXPECT_EQ(Page(0, "").denied_tokens_size(), 1) << "without being asked: what is in force";

  std::string listed, token;
  do {
    const auto page = Page(1, token, /*all=*/true);
    ASSERT_EQ(page.denied_tokens_size(), 1);
    const auto& entry = page.denied_tokens(0);
    EXPECT_EQ(entry.has_allow_time(), !entry.allow_member().empty());
    listed += entry.reason() + ":" + entry.allow_member() + " ";
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(listed, "first:members/op second:members/op third:members/op now: ");

  const auto connection = *pg::Connection::Open(database_);
  ASSERT_TRUE(connection
                  ->RunScript("UPDATE allowed_token SET allowed_at = allowed_at - interval '367 "
                              "days' WHERE reason <> 'third'")
                  .ok());
  EXPECT_FALSE(*Allow("jti", "never denied"));
  EXPECT_EQ(Page(0, "", true).denied_tokens_size(), 2) << "`third` and `now`";
}

TEST_F(DenyMethodsTest, WhatMakesNoSenseIsRefused) {
  const auto refused = [](const absl::Status& status, const std::string& field) {
    const auto refusal = RefusalOf(status);
    return status.code() == absl::StatusCode::kInvalidArgument && refusal &&
           !refusal->fields.empty() && refusal->fields[0].field == field;
  };
  EXPECT_TRUE(refused(Deny("kid", "x").status(), "kind"));
  EXPECT_TRUE(refused(Deny("jti", "").status(), "value"));
  EXPECT_TRUE(refused(Deny("jti", std::string(201, 'x')).status(), "value"));
  EXPECT_TRUE(refused(Deny("jti", "x", "").status(), "reason"));
  EXPECT_TRUE(refused(Deny("jti", "x", std::string(1001, 'x')).status(), "reason"));
  EXPECT_TRUE(refused(Deny("jti", "x", "why", clock_.Now() - Seconds(1)).status(), "expire_time"));
  EXPECT_TRUE(refused(Deny("sub", "members/op").status(), "value")) << "the caller";
  EXPECT_TRUE(refused(Allow("kid", "x").status(), "kind"));
  EXPECT_EQ(Page(0, "").denied_tokens_size(), 0);
}

TEST_F(DenyMethodsTest, TheListIsBounded) {
  const auto connection = *pg::Connection::Open(database_);
  const auto fill = [&](const char* end) {
    return connection->RunScript(
        "DELETE FROM denied_token; INSERT INTO denied_token (kind, value, reason, denied_by, "
        "expires_at) SELECT 'jti', g::text, 'r', 'members/op', " +
        std::string(end) + " FROM generate_series(1, 10000) g");
  };
  ASSERT_TRUE(fill("NULL").ok());
  EXPECT_EQ(ReasonOf(Deny("jti", "more").status()), "DENY_LIST_FULL");
  ASSERT_TRUE(fill("clock_timestamp() - interval '2 days'").ok());
  EXPECT_TRUE(Deny("jti", "more").ok()) << "what has ended makes room";
}

}  // namespace
}  // namespace steward::identity
