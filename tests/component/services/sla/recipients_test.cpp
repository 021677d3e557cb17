// Escalations that lack a recipient, or whose recipient left, find one: a few at a time, each in its turn.

#include "services/sla/watcher/firing.h"
#include "tests/component/services/sla/fixture.h"

namespace steward::sla {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;

class RecipientsTest : public SlaTest {
 protected:
  // Open escalations `from` to `to`, raised just now; an owner whom the directory does not know leaves the recipient pending.
  void Raised(int from, int to, const std::string& owner, const std::string& recipient = "") {
    const auto done = connection_->Run(
        {"test_raise",
         "INSERT INTO escalation (name, version, clock, subject, policy, cycle, level, arming, "
         "role, fallback_role, recipient, basis, state, owner, team, occurred_at, detected_at) "
         "SELECT 'escalations/' || to_char(n, 'FM000'), 1, 'clocks/' || n, 'complaints/' || n, "
         "'policies/first', 1, 1, 1, 'roles/manager', '', $4::text, 'pending', 1, $3::text, '', "
         "clock_timestamp(), clock_timestamp() FROM generate_series($1::integer, $2::integer) n"},
        pg::Params().Add(int32_t{from}).Add(int32_t{to}).Add(owner).Add(recipient));
    ASSERT_TRUE(done.ok()) << done.status();
  }
  int Keep() {
    const auto changed = KeepRecipients(*connection_, DepsOfWatcher(), after_);
    EXPECT_TRUE(changed.ok()) << changed.status();
    return changed.ok() ? *changed : -1;
  }
  std::vector<std::string> With(const char* label) {
    return Rows(label,
                "SELECT name || ' ' || recipient FROM escalation WHERE recipient <> '' "
                "ORDER BY 1");
  }
  void Leaves(const std::string& member) {
    directory::events::v1::MemberState state = org_.Get()->members.at(member);
    state.set_active(false);
    const absl::Status status = pg::RunInTx(*connection_, {}, [&](pg::Tx& tx) {
      identity::QueueEntry(tx, member, 2, state);
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
    org_.Poke();
    ASSERT_TRUE(Eventually(Seconds(10), [&] { return !org_.Get()->Active(member); }));
  }
  std::string after_;
};

TEST_F(RecipientsTest, ThoseThatNobodyCanTakeDoNotHoldUpTheRest) {
  Raised(1, 45, "members/unknown");
  Raised(46, 46, "members/a");
  EXPECT_EQ(Keep(), 0);
  EXPECT_EQ(after_, "escalations/020");
  EXPECT_EQ(Keep(), 0);
  EXPECT_EQ(after_, "escalations/040");
  EXPECT_EQ(Keep(), 1) << "the last of the third turn";
  EXPECT_THAT(With("t1"), ElementsAre("escalations/046 members/lead"));
  EXPECT_EQ(Keep(), 0);
  EXPECT_EQ(after_, "") << "nothing after it: from the beginning";
  EXPECT_EQ(Keep(), 0);
  EXPECT_EQ(after_, "escalations/020");
  EXPECT_THAT(Rows("t2",
                   "SELECT type || ' ' || aggregate_version FROM journal WHERE aggregate = "
                   "'escalations/046'"),
              ElementsAre("escalation.reassigned 2"));
}

TEST_F(RecipientsTest, OneWhoLeftIsReplacedOnce) {
  Raised(1, 2, "members/a", "members/lead");
  EXPECT_EQ(Keep(), 0) << "they have somebody";
  Leaves("members/lead");
  EXPECT_EQ(Keep(), 2);
  EXPECT_THAT(With("t1"),
              ElementsAre("escalations/001 members/boss", "escalations/002 members/boss"));
  after_.clear();
  EXPECT_EQ(Keep(), 0);
  EXPECT_EQ(Count("t2", "SELECT count(*) FROM journal WHERE type = 'escalation.reassigned'"), 2);
}

TEST_F(RecipientsTest, OneThatIsTakenOrWhoseSubjectIsBusyIsLeftAlone) {
  Raised(1, 3, "members/a");
  ASSERT_TRUE(
      connection_
          ->Run({"test_take", "UPDATE escalation SET state = 2 WHERE name = 'escalations/003'"})
          .ok());
  auto other = pg::Connection::Open(pg_);
  ASSERT_TRUE(other.ok()) << other.status();
  const absl::Status held = pg::RunInTx(**other, {}, [&](pg::Tx& tx) -> absl::Status {
    tx.Lock({pg::LockKey::Exclusive("complaints/1")});
    RETURN_IF_ERROR(tx.Flush());
    EXPECT_EQ(Keep(), 1);
    return absl::OkStatus();
  });
  ASSERT_TRUE(held.ok()) << held;
  EXPECT_THAT(With("t1"), ElementsAre("escalations/002 members/lead"));
  after_.clear();
  EXPECT_EQ(Keep(), 1);
  EXPECT_THAT(With("t2"),
              ElementsAre("escalations/001 members/lead", "escalations/002 members/lead"));
}

TEST_F(RecipientsTest, AfterAMinuteSomebodyAnywhereIsTold) {
  Raised(1, 1, "members/unknown");
  EXPECT_EQ(Keep(), 0) << "the directory may still tell who that is";
  ASSERT_TRUE(connection_
                  ->Run({"test_age",
                         "UPDATE escalation SET detected_at = detected_at - interval "
                         "'61 s', occurred_at = occurred_at - interval '61 s'"})
                  .ok());
  after_.clear();
  EXPECT_EQ(Keep(), 1);
  EXPECT_THAT(With("t1"), ElementsAre("escalations/001 members/lead"));
}

}  // namespace
}  // namespace steward::sla
