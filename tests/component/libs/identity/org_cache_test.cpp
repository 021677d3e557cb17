#include <gtest/gtest.h>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/identity/projection.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"
#include "tests/identity_migrations.h"

namespace steward::identity {
namespace {

using directory::events::v1::DirectoryEvent;
using directory::events::v1::MemberState;
using directory::events::v1::RoleState;
using directory::events::v1::TeamState;
using testing::Eventually;

constexpr Time kNow{1'790'000'000'000'000};
constexpr pg::Statement kRevision{"revision", "SELECT last_value FROM org_revision"};

class OrgCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_ = testing::PgFixture::Shared().NewDatabase(schema::Migrations());
    connection_ = *pg::Connection::Open(options_);
    cache_ = std::make_unique<OrgCache>(options_, nullptr);
  }
  void Put(const std::string& name, int64_t version, const google::protobuf::Message& state) {
    const absl::Status status = pg::RunInTx(*connection_, {}, [&](pg::Tx& tx) {
      QueueEntry(tx, name, version, state);
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  static MemberState Active(const std::string& role = "", const std::string& superior = "",
                            const std::string& team = "", bool lead = false) {
    MemberState state;
    state.set_active(true);
    if (!role.empty()) {
      state.add_roles()->set_role(role);
    }
    if (!superior.empty()) {
      state.add_superiors()->set_member(superior);
    }
    if (!team.empty()) {
      state.add_teams()->set_team(team);
      state.mutable_teams(0)->set_lead(lead);
    }
    return state;
  }
  static RoleState Role(const std::string& grant) {
    RoleState state;
    state.add_grants(grant);
    return state;
  }
  bool Sees(const std::string& member) {
    return Eventually(Seconds(10), [&] { return cache_->Get()->Active(member); });
  }

  pg::Options options_;
  std::unique_ptr<pg::Connection> connection_;
  std::unique_ptr<OrgCache> cache_;
};

TEST_F(OrgCacheTest, LoadsAtStartAndFollowsChanges) {
  Put("members/a", 1, Active());
  EXPECT_TRUE(cache_->Get()->members.empty());
  ASSERT_TRUE(cache_->Start().ok());
  EXPECT_TRUE(cache_->Get()->Active("members/a"));
  const std::shared_ptr<const Org> before = cache_->Get();
  Put("members/b", 1, Active());
  EXPECT_TRUE(Sees("members/b"));             // by its own poll
  EXPECT_FALSE(before->Active("members/b"));  // who holds it keeps it
  Put("members/c", 1, Active());
  cache_->Poke();
  EXPECT_TRUE(Sees("members/c"));
}

TEST_F(OrgCacheTest, OlderVersionsChangeNothing) {
  MemberState gone;
  Put("members/a", 5, Active());
  const int64_t revision = connection_->Run(kRevision)->Int(0, 0);
  Put("members/a", 4, gone);
  Put("members/a", 5, gone);
  EXPECT_EQ(connection_->Run(kRevision)->Int(0, 0), revision);
  ASSERT_TRUE(cache_->Start().ok());
  EXPECT_TRUE(cache_->Get()->Active("members/a"));
  Put("members/a", 6, gone);
  EXPECT_TRUE(Eventually(Seconds(10), [&] { return !cache_->Get()->Active("members/a"); }));
}

// A sequence moves at once, its transaction commits later: the change must be seen all the same.
TEST_F(OrgCacheTest, ASlowCommitIsNotMissed) {
  ASSERT_TRUE(cache_->Start().ok());
  ASSERT_TRUE(pg::RunInTx(*connection_, {}, [&](pg::Tx& tx) -> absl::Status {
                QueueEntry(tx, "members/slow", 1, Active());
                RETURN_IF_ERROR(tx.Flush());
                // Another change makes the cache look in the meantime.
                auto other = *pg::Connection::Open(options_);
                RETURN_IF_ERROR(pg::RunInTx(*other, {}, [&](pg::Tx& quick) {
                  QueueEntry(quick, "members/quick", 1, Active());
                  return absl::OkStatus();
                }));
                cache_->Poke();
                EXPECT_TRUE(Sees("members/quick"));
                return absl::OkStatus();
              }).ok());
  EXPECT_TRUE(Sees("members/slow"));
}

TEST_F(OrgCacheTest, AppliesEventsOfEveryKind) {
  const auto apply = [&](const std::string& name, int64_t version, const DirectoryEvent& message) {
    eventing::Event event;
    event.aggregate = name;
    event.version = version;
    event.message = std::make_shared<DirectoryEvent>(message);
    return pg::RunInTx(*connection_, {},
                       [&](pg::Tx& tx) { return ApplyDirectoryEvent(tx, event); });
  };
  DirectoryEvent added, team, role, deactivated, unknown;
  *added.mutable_member_added() = Active("roles/boss", "", "teams/t");
  *team.mutable_team_added() = TeamState();
  *role.mutable_role_added() = Role("admin");
  deactivated.mutable_member_deactivated()->set_active(false);
  ASSERT_TRUE(apply("members/a", 1, added).ok());
  ASSERT_TRUE(apply("teams/t", 1, team).ok());
  ASSERT_TRUE(apply("roles/boss", 1, role).ok());
  ASSERT_TRUE(cache_->Start().ok());
  EXPECT_EQ(cache_->Get()->GrantsOf("members/a", kNow), (std::vector<std::string>{"admin"}));
  EXPECT_EQ(cache_->Get()->teams.size(), 1u);
  ASSERT_TRUE(apply("members/a", 2, deactivated).ok());
  EXPECT_TRUE(Eventually(Seconds(10), [&] { return !cache_->Get()->Active("members/a"); }));
  EXPECT_EQ(apply("members/a", 3, unknown).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(OrgCacheTest, FindsMembersByNameAndByOutsideSubject) {
  MemberState mapped = Active("roles/boss");
  mapped.set_external_subject_digest(SubjectDigest("auth|42"));
  MemberState inactive = mapped;
  inactive.set_active(false);
  inactive.set_external_subject_digest(SubjectDigest("auth|43"));
  Put("members/a", 1, mapped);
  Put("members/gone", 1, inactive);
  Put("roles/boss", 1, Role("supervisor"));
  ASSERT_TRUE(cache_->Start().ok());
  for (const char* subject : {"members/a", "auth|42"}) {
    const auto who = cache_->Find(subject, kNow);
    ASSERT_TRUE(who.has_value()) << subject;
    EXPECT_EQ(who->member, "members/a");
    EXPECT_EQ(who->grants, (std::vector<std::string>{"supervisor"}));
  }
  for (const char* subject : {"members/gone", "auth|43", "auth|44", ""}) {
    EXPECT_FALSE(cache_->Find(subject, kNow).has_value()) << subject;
  }
  EXPECT_EQ(SubjectDigest("abc").size(), 32u);
  EXPECT_EQ(static_cast<uint8_t>(SubjectDigest("abc")[0]), 0xba);  // FIPS 180-4's example
  EXPECT_EQ(SubjectDigest(""), "");
}

TEST_F(OrgCacheTest, KnowsWhetherThereIsAnAdmin) {
  ASSERT_TRUE(cache_->Start().ok());
  EXPECT_TRUE(cache_->NoAdminYet());
  MemberState future = Active("roles/boss");
  future.mutable_roles(0)->mutable_period()->mutable_start_time()->set_seconds(32'503'680'000);
  Put("roles/boss", 1, Role("admin"));
  Put("members/a", 1, future);
  ASSERT_TRUE(Sees("members/a"));
  EXPECT_TRUE(cache_->NoAdminYet());
  Put("members/b", 1, Active("roles/boss"));
  ASSERT_TRUE(Sees("members/b"));
  EXPECT_FALSE(cache_->NoAdminYet());
}

TEST_F(OrgCacheTest, ReachGrowsWithTheScope) {
  Put("members/head", 1, Active("", "", "teams/board"));
  Put("members/lead", 1, Active("", "members/head", "teams/support", true));
  Put("members/agent", 1, Active("", "members/lead", "teams/support"));
  TeamState night;
  night.set_parent("teams/support");
  Put("teams/night", 1, night);
  ASSERT_TRUE(cache_->Start().ok());
  using Scope = rpc::Members::Scope;
  const auto self = cache_->ReachOf("members/agent", Scope::kSelf, kNow);
  EXPECT_EQ(self.members, (std::vector<std::string>{"members/agent"}));
  EXPECT_TRUE(self.teams.empty());
  EXPECT_FALSE(self.all);
  const auto team = cache_->ReachOf("members/agent", Scope::kTeam, kNow);
  EXPECT_EQ(team.teams, (std::vector<std::string>{"teams/night", "teams/support"}));
  const auto line = cache_->ReachOf("members/head", Scope::kLine, kNow);
  EXPECT_EQ(line.members,
            (std::vector<std::string>{"members/head", "members/agent", "members/lead"}));
  EXPECT_EQ(line.teams, (std::vector<std::string>{"teams/board", "teams/night", "teams/support"}));
  EXPECT_TRUE(cache_->ReachOf("members/head", Scope::kAll, kNow).all);
}

TEST_F(OrgCacheTest, ReachFollowsThePeriods) {
  MemberState agent = Active();
  const auto lead_from = [&](const char* lead, int64_t start, int64_t end) {
    auto* superior = agent.add_superiors();
    superior->set_member(lead);
    superior->mutable_period()->mutable_start_time()->set_seconds(start);
    superior->mutable_period()->mutable_end_time()->set_seconds(end);
  };
  lead_from("members/one", 100, 200);
  lead_from("members/two", 200, 300);
  Put("members/agent", 1, agent);
  Put("members/one", 1, Active());
  Put("members/two", 1, Active());
  ASSERT_TRUE(cache_->Start().ok());
  const auto below = [&](const char* lead, int64_t second) {
    return cache_->ReachOf(lead, rpc::Members::Scope::kLine, Time{second * 1'000'000})
               .members.size() == 2;
  };
  for (const int64_t second : {150, 99, 100, 199, 200, 250, 299, 300, 150}) {
    EXPECT_EQ(below("members/one", second), second >= 100 && second < 200) << second;
    EXPECT_EQ(below("members/two", second), second >= 200 && second < 300) << second;
  }
  agent.clear_superiors();
  Put("members/agent", 2, agent);
  EXPECT_TRUE(Eventually(Seconds(10), [&] { return !below("members/one", 150); }));
}

TEST_F(OrgCacheTest, KeepsTheLastOrganisationWhileTheDatabaseIsAway) {
  Put("members/a", 1, Active());
  ASSERT_TRUE(cache_->Start().ok());
  testing::PgFixture::Shared().Kill();
  cache_->Poke();
  EXPECT_TRUE(cache_->Get()->Active("members/a"));
  testing::PgFixture::Shared().Restart();
  connection_ = *pg::Connection::Open(options_);
  Put("members/b", 1, Active());
  EXPECT_TRUE(Sees("members/b"));
}

TEST_F(OrgCacheTest, StartSaysWhenItCannotLoad) {
  pg::Options wrong = options_;
  wrong.database = "no_such_database";
  OrgCache cache(wrong, nullptr);
  EXPECT_EQ(cache.Start().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(cache.Get(), nullptr);
}

}  // namespace
}  // namespace steward::identity
