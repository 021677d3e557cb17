// Who may call what, without gRPC: the matrix of method, grant and peer.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "libs/base/status.h"
#include "libs/rpc/identity.h"

namespace steward::rpc {
namespace {

// The token is the subject, and its id behind a `#`.
class PlainVerifier final : public TokenVerifier {
 public:
  absl::StatusOr<Token> Verify(std::string_view authorization, Time) override {
    if (authorization.empty()) {
      return Refuse(absl::StatusCode::kUnauthenticated, "no token", {.reason = "TOKEN_MISSING"});
    }
    const size_t hash = std::min(authorization.find('#'), authorization.size());
    return Token{std::string(authorization.substr(0, hash)),
                 std::string(authorization.substr(std::min(hash + 1, authorization.size())))};
  }
};

class FakeDenied final : public DeniedTokens {
 public:
  bool DeniesToken(std::string_view id, Time) const override { return ids.contains(id); }
  bool DeniesSubject(std::string_view subject, Time) const override {
    return subjects.contains(subject);
  }
  std::set<std::string, std::less<>> ids, subjects;
};

class FakeMembers final : public Members {
 public:
  std::optional<Who> Find(std::string_view subject, Time) const override {
    auto mapped = member_of.find(subject);
    auto it = grants.find(mapped == member_of.end() ? subject : mapped->second);
    return it == grants.end() ? std::nullopt : std::optional<Who>(Who{it->first, it->second});
  }
  bool NoAdminYet() const override { return no_admin; }
  Reach ReachOf(std::string_view member, Scope scope, Time) const override {
    asked = scope;
    return Reach{scope == Scope::kAll, {std::string(member)}, {}};
  }
  std::map<std::string, std::vector<std::string>, std::less<>> grants;
  std::map<std::string, std::string, std::less<>> member_of;  // outside subject claims
  bool no_admin = false;
  mutable std::optional<Scope> asked;
};

constexpr Time kNow{1'700'000'000'000'000};

class GuardTest : public ::testing::Test {
 protected:
  Guard Make(const std::string& yaml, const std::string& bootstrap = "") {
    return Guard(ParsePolicy(yaml).value(), verifier_, members_, bootstrap, &denied_);
  }
  PlainVerifier verifier_;
  FakeDenied denied_;
  FakeMembers members_;
};

TEST_F(GuardTest, TheMatrixEqualsTheFile) {
  members_.grants = {{"none", {}},
                     {"agent", {"agent"}},
                     {"operator", {"operator"}},
                     {"both", {"agent", "operator"}}};
  const std::string yaml =
      "/s.A/Open: {peers: [ctl], grants: ['*'], reach: all}\n"
      "/s.A/Agent: {peers: [ctl, sla], grants: [agent], reach: self}\n"
      "/s.A/Either: {peers: [sla], grants: [agent, operator], reach: team}\n";
  Guard guard = Make(yaml);
  auto policy = ParsePolicy(yaml).value();
  int allowed = 0;
  for (const auto& [method, line] : policy) {
    for (const auto& [member, grants] : members_.grants) {
      for (const std::string peer : {"ctl", "sla", "dev", "", "other"}) {
        bool peer_ok = peer == "dev" || std::count(line.peers.begin(), line.peers.end(), peer) > 0;
        bool grant_ok = line.grants[0] == "*";
        for (const std::string& grant : grants) {
          grant_ok = grant_ok || std::count(line.grants.begin(), line.grants.end(), grant) > 0;
        }
        Decision decision = guard.Check(method, peer, member, kNow);
        EXPECT_EQ(decision.status.ok(), peer_ok && grant_ok)
            << method << " " << member << " " << peer;
        EXPECT_EQ(ReasonOf(decision.status), !peer_ok    ? "PEER_NOT_ALLOWED"
                                             : !grant_ok ? "GRANT_MISSING"
                                                         : "");
        allowed += decision.status.ok();
      }
    }
  }
  EXPECT_EQ(allowed, 4 * 2 + 2 * 3 + 3 * 2);
}

TEST_F(GuardTest, DeniesByDefault) {
  members_.grants = {{"admin", {"admin", "operator"}}};
  Guard guard = Make("/s.A/Open: {peers: [ctl], grants: ['*'], reach: all}\n");
  EXPECT_EQ(ReasonOf(guard.Check("/s.A/Other", "dev", "admin", kNow).status), "METHOD_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(guard.Check("/s.A/Open", "dev", "stranger", kNow).status), "MEMBER_UNKNOWN");
  EXPECT_EQ(ReasonOf(guard.Check("/s.A/Open", "dev", "", kNow).status), "TOKEN_MISSING");
  EXPECT_EQ(guard.PolicyOf("/s.A/Other"), nullptr);
}

TEST_F(GuardTest, TheFirstAdministratorIsAcceptedUntilThereIsOne) {
  members_.grants = {{"members/later", {}}};
  Guard guard =
      Make("/s.A/Create: {peers: [ctl], grants: [admin], reach: self}\n", "members/first");
  EXPECT_EQ(ReasonOf(guard.Check("/s.A/Create", "ctl", "members/first", kNow).status),
            "MEMBER_UNKNOWN");
  members_.no_admin = true;
  Decision decision = guard.Check("/s.A/Create", "ctl", "members/first", kNow);
  EXPECT_TRUE(decision.status.ok()) << decision.status;
  EXPECT_EQ(decision.who.member, "members/first");
  EXPECT_EQ(decision.who.grants, (std::vector<std::string>{"admin", "operator"}));
  EXPECT_TRUE(decision.reach.all);
  EXPECT_FALSE(guard.Check("/s.A/Create", "ctl", "members/later", kNow).status.ok())
      << "nobody else";
  Guard without = Make("/s.A/Create: {peers: [ctl], grants: [admin], reach: self}\n");
  EXPECT_FALSE(without.Check("/s.A/Create", "ctl", "", kNow).status.ok());
}

TEST_F(GuardTest, ReachIsTheWidestOfTheGrantsNamed) {
  members_.grants = {{"a", {"agent"}},
                     {"s", {"supervisor"}},
                     {"as", {"agent", "supervisor"}},
                     {"x", {"auditor"}},
                     {"n", {}},
                     {"ax", {"agent", "auditor"}}};
  Guard guard = Make(
      "/s.A/Get: {peers: [ctl], grants: ['*'], reach: {agent: team, supervisor: line, '*': self}}\n"
      "/s.A/All: {peers: [ctl], grants: ['*'], reach: {agent: team, '*': all}}\n");
  auto scope = [&](const char* method, const char* member) {
    members_.asked.reset();
    EXPECT_TRUE(guard.Check(method, "ctl", member, kNow).status.ok());
    return members_.asked;
  };
  EXPECT_EQ(scope("/s.A/Get", "a"), Members::Scope::kTeam);
  EXPECT_EQ(scope("/s.A/Get", "s"), Members::Scope::kLine);
  EXPECT_EQ(scope("/s.A/Get", "as"), Members::Scope::kLine);
  EXPECT_EQ(scope("/s.A/Get", "x"), Members::Scope::kSelf);
  EXPECT_EQ(scope("/s.A/Get", "n"), Members::Scope::kSelf);
  EXPECT_EQ(scope("/s.A/All", "a"), Members::Scope::kTeam);
  EXPECT_EQ(scope("/s.A/All", "ax"), Members::Scope::kAll);
}

TEST_F(GuardTest, DeniedTokensAreRefusedAtEveryCall) {
  members_.grants = {{"ann", {"agent"}}, {"bob", {"agent"}}};
  members_.member_of = {{"idp|17", "ann"}};
  Guard guard = Make("/s.A/Open: {peers: [ctl], grants: ['*'], reach: all}\n", "boot");
  auto answer = [&](const char* token) {
    return guard.Check("/s.A/Open", "ctl", token, kNow).status;
  };
  ASSERT_TRUE(answer("ann#1").ok());
  denied_.ids = {"1", ""};
  EXPECT_EQ(answer("ann#1").code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(ReasonOf(answer("ann#1")), "TOKEN_DENIED");
  EXPECT_TRUE(answer("ann#2").ok()) << "another token of the same subject";
  EXPECT_TRUE(answer("ann").ok()) << "a token without an id is denied by its subject alone";

  denied_.subjects = {"ann"};
  EXPECT_EQ(ReasonOf(answer("ann#2")), "TOKEN_DENIED");
  EXPECT_EQ(ReasonOf(answer("idp|17#3")), "TOKEN_DENIED") << "the member behind the claim";
  EXPECT_TRUE(answer("bob#4").ok());
  denied_.subjects = {"idp|17"};
  EXPECT_EQ(ReasonOf(answer("idp|17#3")), "TOKEN_DENIED");
  EXPECT_TRUE(answer("ann#2").ok());

  denied_ = {};
  EXPECT_TRUE(answer("ann#1").ok());
}

TEST_F(GuardTest, TheFirstAdministratorCanBeDeniedToo) {
  members_.no_admin = true;
  Guard guard = Make("/s.A/Open: {peers: [ctl], grants: [admin], reach: all}\n", "boot");
  ASSERT_TRUE(guard.Check("/s.A/Open", "ctl", "boot", kNow).status.ok());
  denied_.subjects = {"boot"};
  EXPECT_EQ(ReasonOf(guard.Check("/s.A/Open", "ctl", "boot", kNow).status), "TOKEN_DENIED");
}

TEST_F(GuardTest, BucketsBelongToCallerAndMethodAndRefill) {
  members_.grants = {{"a", {}}, {"b", {}}};
  Guard guard = Make(
      "/s.A/One: {peers: [ctl], grants: ['*'], reach: self, rate: {per_user: 10/s, burst: 2}}\n"
      "/s.A/Two: {peers: [ctl], grants: ['*'], reach: self, rate: {per_user: 10/s, burst: 2}}\n");
  auto ok = [&](const char* method, const char* member, Time now) {
    return guard.Check(method, "ctl", member, now).status.ok();
  };
  EXPECT_TRUE(ok("/s.A/One", "a", kNow));
  EXPECT_TRUE(ok("/s.A/One", "a", kNow));
  Decision refused = guard.Check("/s.A/One", "ctl", "a", kNow);
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused.status), "RATE_LIMITED");
  EXPECT_EQ(RefusalOf(refused.status)->retry_after_ms, 100);
  EXPECT_EQ(refused.who.member, "a") << "for the audit line";
  EXPECT_TRUE(ok("/s.A/Two", "a", kNow));
  EXPECT_TRUE(ok("/s.A/One", "b", kNow));
  EXPECT_TRUE(ok("/s.A/One", "a", kNow + Milliseconds(100)));
  EXPECT_FALSE(ok("/s.A/One", "a", kNow + Milliseconds(100)));
  EXPECT_FALSE(ok("/s.A/One", "a", kNow - Hours(1))) << "a clock that steps back gives nothing";
}

TEST_F(GuardTest, ManyCallersDoNotGrowTheBuckets) {
  Guard guard = Make(
      "/s.A/One: {peers: [ctl], grants: ['*'], reach: self, rate: {per_user: 1/s, burst: 1}}\n");
  members_.grants = {{"steady", {}}};
  for (int i = 0; i < 18'000; ++i) {
    members_.grants.insert({"m" + std::to_string(i), {}});
  }
  int refused = 0;
  for (const auto& [member, grants] : members_.grants) {
    refused += !guard.Check("/s.A/One", "ctl", member, kNow).status.ok();
  }
  EXPECT_EQ(refused, 0) << "a new caller is never refused for lack of room";
}

}  // namespace
}  // namespace steward::rpc
