#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "libs/base/status.h"
#include "libs/eventing/relay_session.h"
#include "tests/component/libs/eventing/fixture.h"

namespace steward::eventing {
namespace {

using ::testing::HasSubstr;

class RelayTest : public EventingTest {
 protected:
  bool EventuallyPublished() {
    return testing::Eventually(Seconds(30), [&] {
      return Number(
                 "SELECT count(*) FROM journal j, journal_cursor c "
                 "WHERE (j.xid, j.seq) > (c.xid, c.seq)") == 0;
    });
  }
  bool EventuallyRefuses(Relay& relay, const std::string& why) {
    return testing::Eventually(Seconds(20), [&] {
      return !relay.status().active && relay.status().refusal.find(why) != std::string::npos;
    });
  }
  bool EventuallyActive(Relay& relay, Duration limit = Seconds(20)) {
    return testing::Eventually(limit, [&] { return relay.status().active; });
  }
};

TEST_F(RelayTest, PublishesTheJournalInOrder) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(AppendNext(*connection_, "complaints/c" + std::to_string(i % 2), 30).ok());
  }
  Relay relay(RelayFor(), registry_);
  relay.Start();
  ASSERT_TRUE(EventuallyPublished());
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1").ok());
  relay.Poke();
  ASSERT_TRUE(EventuallyPublished());
  relay.Stop();
  const auto records = ReadTopic();
  EXPECT_EQ(records.size(), 151u);
  ExpectOrdered(records);
  for (const kafka::Record& record : records) {
    EXPECT_EQ(record.partition, kafka::PartitionOf(*record.key, kPartitions));
    EXPECT_EQ(Decode(record, ComplaintsEvent::default_instance()).reason, "");
  }
  EXPECT_EQ(Number("SELECT sum(end_offset)::bigint FROM journal_acknowledged"), 151);
  EXPECT_THAT(registry_.Text(),
              HasSubstr("steward_outbox_published_total{topic=\"" + topic_ + "\"} 151"));
}

TEST_F(RelayTest, ALateCommitIsNotSkipped) {
  Relay relay(RelayFor(), registry_);
  relay.Start();
  ASSERT_TRUE(EventuallyActive(relay));
  // The first transaction has the lower xid and sequence, and commits after the second.
  auto late = Connect();
  ASSERT_TRUE(
      late->RunScript(
              "BEGIN; INSERT INTO journal (event_id, aggregate, aggregate_version, type, "
              "occurred_at, actor, "
              "correlation, traceparent, payload) VALUES (gen_random_uuid(), 'complaints/late', 1, "
              "'ticket.first_responded', now(), 'a', 'c', 't', '\\x2200')")
          .ok());
  ASSERT_TRUE(AppendNext(*connection_, "complaints/early").ok());
  relay.Poke();
  EXPECT_FALSE(testing::Eventually(Milliseconds(600), [&] {
    return Number("SELECT count(*) FROM journal_cursor c WHERE c.xid > '0'") > 0 &&
           Number("SELECT sum(end_offset)::bigint FROM journal_acknowledged") > 0;
  }));
  ASSERT_TRUE(late->RunScript("COMMIT").ok());
  ASSERT_TRUE(testing::Eventually(Seconds(20), [&] {
    return Number("SELECT coalesce(sum(end_offset), 0)::bigint FROM journal_acknowledged") == 2;
  }));
  EXPECT_EQ(ReadTopic().size(), 2u);
}

TEST_F(RelayTest, LockBeforeWriteKeepsVersionsInOrderUnderContention) {
  Relay relay(RelayFor(), registry_);
  relay.Start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      auto connection = Connect();
      for (int i = 0; i < 40; ++i) {
        const absl::Status status =
            AppendNext(*connection, "complaints/c" + std::to_string((t + i) % 3), 1 + i % 2);
        EXPECT_TRUE(status.ok()) << status;
        relay.Poke();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  ASSERT_TRUE(EventuallyPublished());
  const auto records = ReadTopic();
  EXPECT_EQ(records.size(), 240u);
  ExpectOrdered(records);
}

TEST_F(RelayTest, OneOfTwoIsActiveAndTheOtherTakesOver) {
  metrics::Registry other_registry;
  auto first = std::make_unique<Relay>(RelayFor(), registry_);
  first->Start();
  ASSERT_TRUE(EventuallyActive(*first));
  Relay second(RelayFor(), other_registry);
  second.Start();
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1").ok());
  ASSERT_TRUE(EventuallyPublished());
  EXPECT_FALSE(second.status().active);
  // Standbys show the backlog too; the sum of the active ones is 1.
  EXPECT_THAT(other_registry.Text(), HasSubstr("steward_outbox_relay_active 0"));
  EXPECT_THAT(registry_.Text(), HasSubstr("steward_outbox_relay_active 1"));
  first->Stop();
  ASSERT_TRUE(EventuallyActive(second));
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1").ok());
  ASSERT_TRUE(EventuallyPublished());
  EXPECT_EQ(ReadTopic().size(), 2u);
}

TEST_F(RelayTest, ASilentOwnerLosesItsConnectionASpeakingOneDoesNot) {
  auto owner = Connect();
  ASSERT_TRUE(owner
                  ->RunScript("SELECT pg_advisory_lock(" + std::to_string(kRelayLockClass) + ", " +
                              std::to_string(kRelayLockId) + ")")
                  .ok());
  Relay standby(RelayFor(), registry_);
  standby.Start();
  const int64_t speaking_until = MonotonicMicros() + Seconds(7).micros;
  EXPECT_FALSE(testing::Eventually(Seconds(7), [&] {
    EXPECT_TRUE(owner->RunScript("SELECT 1").ok());
    return standby.status().active;
  }));
  EXPECT_GE(MonotonicMicros(), speaking_until - Seconds(1).micros);
  // From here it says nothing, as a stopped process whose kernel still answers.
  ASSERT_TRUE(EventuallyActive(standby, Seconds(15)));
  EXPECT_FALSE(owner->RunScript("SELECT 1").ok());
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1").ok());
  EXPECT_TRUE(EventuallyPublished());
}

TEST_F(RelayTest, RefusesAnotherPartitionCount) {
  RelayOptions options = RelayFor();
  options.partitions = 12;
  Relay relay(options, registry_);
  relay.Start();
  EXPECT_TRUE(EventuallyRefuses(relay, "has 3 partitions, not 12"));
}

TEST_F(RelayTest, RefusesACursorOfAnotherCluster) {
  Sql("UPDATE journal_cursor SET system_identifier = 1");
  Relay relay(RelayFor(), registry_);
  relay.Start();
  EXPECT_TRUE(EventuallyRefuses(relay, "another PostgreSQL cluster"));
  // Mended, it goes on by itself.
  Sql("UPDATE journal_cursor SET system_identifier = "
      "(SELECT system_identifier FROM pg_control_system())");
  EXPECT_TRUE(EventuallyActive(relay));
  EXPECT_EQ(relay.status().refusal, "");
}

TEST_F(RelayTest, RefusesACursorAheadOfTheDatabase) {
  Sql("UPDATE journal_cursor SET xid = '9000000000'");
  Relay relay(RelayFor(), registry_);
  relay.Start();
  EXPECT_TRUE(EventuallyRefuses(relay, "ahead of this database"));
}

TEST_F(RelayTest, RefusesAKafkaThatKnowsMoreThanTheJournal) {
  Send({MessageOf("complaints/c1", 1)});
  Relay relay(RelayFor(), registry_);
  relay.Start();
  EXPECT_TRUE(EventuallyRefuses(relay, "is not in the journal"));
}

TEST_F(RelayTest, RefusesOtherBytesThanTheJournals) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1").ok());
  {
    Relay relay(RelayFor(), registry_);
    relay.Start();
    ASSERT_TRUE(EventuallyPublished());
    relay.Stop();
  }
  Sql("UPDATE journal SET payload = '\\x22020802'");
  Relay relay(RelayFor(), registry_);
  relay.Start();
  EXPECT_TRUE(EventuallyRefuses(relay, "has other bytes"));
}

TEST_F(RelayTest, AForeignRecordIsNoReasonToRefuse) {
  kafka::Message foreign = MessageOf("complaints/c1", 1);
  for (auto& header : foreign.headers) {
    if (std::string_view(header.first) == "ce_source") {
      header.second = "/somebody/else";
    }
  }
  Send({foreign});
  Relay relay(RelayFor(), registry_);
  relay.Start();
  EXPECT_TRUE(EventuallyActive(relay));
}

}  // namespace
}  // namespace steward::eventing
