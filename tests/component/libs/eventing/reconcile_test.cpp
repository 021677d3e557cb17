// What keeps the relay from running, and what an operator chose.

#include "libs/eventing/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "tests/component/libs/eventing/fixture.h"

namespace steward::eventing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ReconcileTest : public EventingTest {
 protected:
  OutboxCheck Look() {
    auto check = CheckOutbox(RelayFor(), registry_);
    EXPECT_TRUE(check.ok()) << check.status();
    return check.ok() ? *std::move(check) : OutboxCheck{};
  }
  absl::Status Choose(const std::string& choice, const std::string& etag,
                      const std::string& request_id = "r-1") {
    return ReconcileOutbox(*connection_, RelayFor(), registry_,
                           {.choice = choice,
                            .etag = etag,
                            .reason = "backup of Monday",
                            .decided_by = "members/ann",
                            .request_id = request_id});
  }
  bool EventuallyPublished(Relay& relay) {
    return testing::Eventually(Seconds(30), [&] {
      return relay.status().active && Number(
                                          "SELECT count(*) FROM journal j, journal_cursor c "
                                          "WHERE (j.xid, j.seq) > (c.xid, c.seq)") == 0;
    });
  }
  // A relay that publishes all there is, and ends.
  void PublishAll() {
    Relay relay(RelayFor(), registry_);
    relay.Start();
    ASSERT_TRUE(EventuallyPublished(relay));
    relay.Stop();
  }
  static std::string WhereIs(const UnknownRecord& record) {
    return record.key + " " + std::to_string(record.version) + " " + record.why;
  }
  static std::vector<std::string> Unknown(const OutboxCheck& check) {
    std::vector<std::string> records;
    for (const UnknownRecord& record : check.unknown) {
      records.push_back(WhereIs(record));
    }
    return records;
  }
};

TEST_F(ReconcileTest, NothingIsToBeDoneWhereNothingIsWrong) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 3).ok());
  PublishAll();
  const OutboxCheck check = Look();
  EXPECT_EQ(check.refusal, "");
  EXPECT_THAT(check.choices, IsEmpty());
  EXPECT_EQ(check.kafka_cluster, check.kafka_cluster_before);
  EXPECT_EQ(ReasonOf(Choose(kRewind, check.etag)), "CHOICE_NOT_OFFERED");
}

TEST_F(ReconcileTest, UnknownRecordsAreListedAndAcceptedOnce) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 3).ok());
  PublishAll();
  // What the database published before it was restored to an earlier state.
  Send({MessageOf("complaints/c1", 4), MessageOf("complaints/c1", 5),
        MessageOf("complaints/c2", 1)});
  Relay relay(RelayFor(), registry_);
  relay.Start();
  ASSERT_TRUE(testing::Eventually(Seconds(20), [&] { return !relay.status().refusal.empty(); }));

  const OutboxCheck check = Look();
  EXPECT_THAT(check.refusal, HasSubstr("restored to an earlier state"));
  EXPECT_THAT(check.choices, ElementsAre(kAcceptUnknown));
  EXPECT_THAT(Unknown(check), UnorderedElementsAre("complaints/c1 4 not_in_journal",
                                                   "complaints/c1 5 not_in_journal",
                                                   "complaints/c2 1 not_in_journal"));
  EXPECT_EQ(Choose(kAcceptUnknown, "\"1\"").code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(Choose(kRewind, check.etag)), "CHOICE_NOT_OFFERED");
  EXPECT_EQ(Number("SELECT count(*) FROM journal_decision"), 0);

  ASSERT_TRUE(Choose(kAcceptUnknown, check.etag).ok());
  EXPECT_TRUE(Choose(kAcceptUnknown, check.etag).ok());  // the same request again
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c3").ok());
  EXPECT_TRUE(EventuallyPublished(relay));
  relay.Stop();
  EXPECT_EQ(ReadTopic().size(), 7u);

  const OutboxCheck after = Look();
  EXPECT_EQ(after.refusal, "");
  EXPECT_THAT(after.unknown, IsEmpty());
  ASSERT_EQ(after.decisions.size(), 1u);
  EXPECT_EQ(after.decisions[0].choice, kAcceptUnknown);
  EXPECT_EQ(after.decisions[0].decided_by, "members/ann");
  EXPECT_EQ(after.decisions[0].reason, "backup of Monday");
  EXPECT_EQ(after.decisions[0].refusal, check.refusal);
  EXPECT_EQ(after.decisions[0].records, 3);

  // What was accepted is that set, not what comes after it.
  Send({MessageOf("complaints/c2", 2)});
  EXPECT_THAT(Unknown(Look()), ElementsAre("complaints/c2 2 not_in_journal"));
}

TEST_F(ReconcileTest, OtherBytesAreUnknownToo) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1").ok());
  PublishAll();
  Sql("UPDATE journal SET payload = '\\x22020802'");
  EXPECT_THAT(Unknown(Look()), ElementsAre("complaints/c1 1 other_bytes"));
}

TEST_F(ReconcileTest, ACursorOfAnotherDatabaseIsRewound) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 3).ok());
  PublishAll();
  Sql("UPDATE journal_cursor SET system_identifier = 1");
  const OutboxCheck check = Look();
  EXPECT_THAT(check.refusal, HasSubstr("another PostgreSQL cluster"));
  EXPECT_THAT(check.choices, ElementsAre(kRewind));
  ASSERT_TRUE(Choose(kRewind, check.etag).ok());
  EXPECT_EQ(Look().refusal, "");
  EXPECT_EQ(Number("SELECT (from_seq > 0)::int::bigint FROM journal_decision"), 1);
  PublishAll();
  const auto records = ReadTopic();
  EXPECT_EQ(records.size(), 6u);  // each twice
  ExpectOrdered(records);
}

TEST_F(ReconcileTest, ACursorAheadOfTheDatabaseIsRewound) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1").ok());
  Sql("UPDATE journal_cursor SET xid = '9000000000'");
  const OutboxCheck check = Look();
  EXPECT_THAT(check.choices, ElementsAre(kRewind));
  ASSERT_TRUE(Choose(kRewind, check.etag).ok());
  PublishAll();
  EXPECT_EQ(ReadTopic().size(), 1u);
}

TEST_F(ReconcileTest, AJournalThatLiesAheadMustBeMendedElsewhere) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 2).ok());
  Sql("UPDATE journal_cursor SET system_identifier = 1; UPDATE journal SET xid = '9000000000'");
  const OutboxCheck check = Look();
  EXPECT_THAT(check.refusal, HasSubstr("2 rows of the journal"));
  EXPECT_THAT(check.choices, IsEmpty());
}

TEST_F(ReconcileTest, ALostTailIsShownAndNeedsNoChoice) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 2).ok());
  PublishAll();
  Sql("UPDATE journal_acknowledged SET end_offset = 9 WHERE end_offset = 2; "
      "UPDATE journal_cursor SET kafka_cluster = 'another'");
  const OutboxCheck check = Look();
  EXPECT_EQ(check.refusal, "");
  ASSERT_EQ(check.lost.size(), 1u);
  EXPECT_EQ(check.lost[0].acknowledged, 9);
  EXPECT_EQ(check.lost[0].end, 2);
  EXPECT_EQ(check.kafka_cluster_before, "another");
}

}  // namespace
}  // namespace steward::eventing
