// The consumer when something fails: the same records again, nothing twice, nothing lost, nothing parked for a
// database that was away.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <random>

#include "libs/base/status.h"
#include "tests/component/libs/eventing/fixture.h"

namespace steward::eventing {
namespace {

using ::testing::HasSubstr;

constexpr int kJoinGroupApi = 11;
constexpr int kHeartbeatApi = 12;
constexpr int kFenced = RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;

class ConsumerFaultTest : public ConsumerTest {
 protected:
  void SendVersions(const std::string& aggregate, int from, int to) {
    std::vector<kafka::Message> messages;
    for (int v = from; v <= to; ++v) {
      messages.push_back(MessageOf(aggregate, v));
    }
    Send(messages);
  }
  // A fault test ends healed: something fresh goes through.
  void ExpectHealed() {
    Send({MessageOf("complaints/fresh", 1)});
    EXPECT_TRUE(EventuallyApplied("complaints/fresh", "1"));
  }
};

TEST_F(ConsumerFaultTest, FailingBeforeOrAfterTheCommitAppliesOnce) {
  SendVersions("complaints/c1", 1, 5);
  ASSERT_TRUE(
      runtime::ArmFailpoints("consumer.before_commit=error@1;consumer.after_commit=error@1").ok());
  StartConsumer();
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3 4 5"));
  ExpectHealed();
  ExpectConserved(6);
  EXPECT_EQ(Number("SELECT count(*) FROM parked_record"), 0);
}

TEST_F(ConsumerFaultTest, WhenParkingFailsTheOffsetStays) {
  auto garbage = MessageOf("complaints/c1", 1);
  garbage.value = "\xff";
  Send({garbage});
  ASSERT_TRUE(runtime::ArmFailpoints("consumer.park=wait@1").ok());
  StartConsumer();
  ASSERT_TRUE(runtime::AwaitFailpoint("consumer.park", Seconds(30)));
  EXPECT_EQ(Number("SELECT sum(next_offset)::bigint FROM consumer_offset"), 0);
  runtime::DisarmFailpoints();
  ASSERT_TRUE(runtime::ArmFailpoints("consumer.park=error@1").ok());
  ExpectHealed();
  ExpectConserved(2);
  EXPECT_EQ(Number("SELECT count(*) FROM parked_record"), 1);
}

TEST_F(ConsumerFaultTest, ADatabaseThatIsAwayParksNothing) {
  SendVersions("complaints/c1", 1, 3);
  StartConsumer();
  ASSERT_TRUE(EventuallyApplied("complaints/c1", "1 2 3"));
  testing::PgFixture::Shared().Kill();
  SendVersions("complaints/c1", 4, 40);
  testing::PgFixture::Shared().Restart();
  connection_ = Connect();
  ASSERT_TRUE(testing::Eventually(Seconds(30),
                                  [&] { return Number("SELECT max(version) FROM fact") == 40; }));
  ExpectHealed();
  ExpectConserved(41);
  EXPECT_EQ(Number("SELECT count(*) FROM parked_record"), 0);
}

TEST_F(ConsumerFaultTest, WhatFailsAgainAndAgainIsParkedAfterFiveAttempts) {
  facts_.FailWith("complaints/c1", 2, absl::InternalError("always"));
  SendVersions("complaints/c1", 1, 3);
  Send({MessageOf("complaints/c2", 1)});
  StartConsumer();
  EXPECT_TRUE(EventuallyApplied("complaints/c2", "1"));
  ExpectConserved(4);
  EXPECT_EQ(Applied("complaints/c1"), "1");
  EXPECT_EQ(Text("SELECT string_agg(reason || ' ' || attempts, ', ' ORDER BY aggregate_version) "
                 "FROM parked_record"),
            "attempts_exhausted 5, behind 1");
}

TEST_F(ConsumerFaultTest, ALockThatIsHeldElsewhereIsWaitedFor) {
  auto other = Connect();
  const auto key = static_cast<int64_t>(pg::LockKey::Exclusive("complaints/c1").hash);
  ASSERT_TRUE(other->RunScript("SELECT pg_advisory_lock(" + std::to_string(key) + ")").ok());
  SendVersions("complaints/c1", 1, 10);
  StartConsumer();
  EXPECT_FALSE(testing::Eventually(Seconds(6), [&] {
    EXPECT_TRUE(other->RunScript("SELECT 1").ok());
    return Number("SELECT count(*) FROM fact WHERE aggregate = 'complaints/c1'") > 0;
  }));
  ASSERT_TRUE(other->RunScript("SELECT pg_advisory_unlock_all()").ok());
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3 4 5 6 7 8 9 10"));
  ExpectHealed();
  ExpectConserved(11);
  EXPECT_EQ(Number("SELECT count(*) FROM parked_record"), 0);
}

TEST_F(ConsumerFaultTest, SmallerBatchesBringThroughWhatComesBeforeALockedSubject) {
  const int partition = kafka::PartitionOf("complaints/c1", kPartitions);
  int n = 2;
  while (kafka::PartitionOf("complaints/c" + std::to_string(n), kPartitions) != partition) {
    ++n;
  }
  const std::string held = "complaints/c" + std::to_string(n);
  auto other = Connect();
  const auto key = static_cast<int64_t>(pg::LockKey::Exclusive(held).hash);
  ASSERT_TRUE(other->RunScript("SELECT pg_advisory_lock(" + std::to_string(key) + ")").ok());
  SendVersions("complaints/c1", 1, 9);
  SendVersions(held, 1, 1);
  StartConsumer();
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3 4 5 6 7 8 9"));
  EXPECT_EQ(Applied(held), "");
  ASSERT_TRUE(other->RunScript("SELECT pg_advisory_unlock_all()").ok());
  EXPECT_TRUE(EventuallyApplied(held, "1"));
  ExpectHealed();
  ExpectConserved(11);
  EXPECT_EQ(Number("SELECT count(*) FROM parked_record"), 0);
}

TEST_F(ConsumerFaultTest, AChangedPartitionCountHaltsTheInput) {
  Send({MessageOf("complaints/c1", 1)});
  ConsumerOptions options = OptionsFor();
  options.inputs[0].partitions = 12;
  Consumer consumer(options, facts_, registry_, clock_);
  consumer.Start();
  EXPECT_TRUE(testing::Eventually(Seconds(30), [&] {
    auto health = CheckInputs(*connection_, group_, options.inputs, Seconds(5));
    return health.ok() && health->detail.find("halted: partition_count") != std::string::npos;
  }));
  EXPECT_EQ(consumer.status()[0].halted, "partition_count");
  EXPECT_THAT(registry_.Text(), HasSubstr("steward_consumer_halted{consumer_group=\"" + group_ +
                                          "\",reason="
                                          "\"partition_count\",topic=\"" +
                                          topic_ + "\"} 1"));
  EXPECT_EQ(Number("SELECT count(*) FROM fact"), 0);
}

TEST_F(ConsumerFaultTest, AShorterLogIsReadAgainFromItsEnd) {
  SendVersions("complaints/c1", 1, 3);
  const int partition = kafka::PartitionOf("complaints/c1", kPartitions);
  Sql("INSERT INTO consumer_offset (consumer_group, topic, partition, next_offset) "
      "VALUES ('" +
      group_ + "', '" + topic_ + "', " + std::to_string(partition) + ", 100)");
  StartConsumer();
  EXPECT_TRUE(testing::Eventually(
      Seconds(30), [&] { return Number("SELECT max(next_offset) FROM consumer_offset") == 3; }));
  SendVersions("complaints/c1", 1, 2);  // what the relay sends again
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2"));
}

TEST_F(ConsumerFaultTest, RecordsDeletedBeforeTheyWereReadHaltTheInput) {
  if (OnRealBroker()) {
    GTEST_SKIP() << "needs the mock cluster's small log";
  }
  // The mock keeps about 5 MB a partition and drops the oldest.
  std::mt19937 random(1);
  const int partition = kafka::PartitionOf("complaints/c1", kPartitions);
  for (int v = 1; v <= 40; ++v) {
    auto message = MessageOf("complaints/c1", v);
    message.value.resize(250'000);
    for (char& c : message.value) {
      c = static_cast<char>(random());
    }
    Send({message});
  }
  Sql("INSERT INTO consumer_offset (consumer_group, topic, partition, next_offset) "
      "VALUES ('" +
      group_ + "', '" + topic_ + "', " + std::to_string(partition) + ", 2)");
  StartConsumer();
  EXPECT_TRUE(testing::Eventually(Seconds(30), [&] {
    const auto status = consumer_->status();
    return status.size() == kPartitions &&
           status[static_cast<size_t>(partition)].halted == "offset_out_of_range";
  }));
  EXPECT_TRUE(testing::Eventually(Seconds(10), [&] {
    return Number("SELECT count(*) FROM consumer_offset WHERE halted = 'offset_out_of_range'") == 1;
  }));
  EXPECT_THAT(registry_.Text(),
              HasSubstr("reason=\"offset_out_of_range\",topic=\"" + topic_ + "\"} 1"));
  EXPECT_EQ(Number("SELECT next_offset FROM consumer_offset WHERE halted <> ''"), 2);
}

// A broker fences a member when another one has joined under its name; the mock is told to.
class FencedConsumerTest : public ConsumerFaultTest {
 protected:
  void SetUp() override {
    if (OnRealBroker()) {
      GTEST_SKIP() << "needs the mock cluster's faults";
    }
    ConsumerFaultTest::SetUp();
  }
  void StartStaticConsumer() {
    ConsumerOptions options = OptionsFor();
    options.static_name = "sla-1";
    consumer_ = std::make_unique<Consumer>(options, facts_, registry_, clock_);
    consumer_->Start();
  }
  bool Fenced(int times) {
    return registry_.Text().find("steward_consumer_failures_total{consumer_group=\"" + group_ +
                                 "\",reason=\"fenced\"} " + std::to_string(times) + "\n") !=
           std::string::npos;
  }
  bool EventuallyFenced(int times) {
    return testing::Eventually(Seconds(30), [&] { return Fenced(times); });
  }
  int Assigned() const {
    int count = 0;
    for (const auto& input : consumer_->status()) {
      count += input.assigned ? 1 : 0;
    }
    return count;
  }
};

TEST_F(FencedConsumerTest, ComesBackAndAppliesOnce) {
  SendVersions("complaints/c1", 1, 3);
  StartStaticConsumer();
  ASSERT_TRUE(EventuallyApplied("complaints/c1", "1 2 3"));
  EXPECT_TRUE(Fenced(0)) << "created with 0, or increase() misses the first one";
  Mock().PushErrors(kHeartbeatApi, {kFenced});
  ASSERT_TRUE(EventuallyFenced(1));
  EXPECT_TRUE(testing::Eventually(Seconds(1), [&] { return Assigned() == 0; }));
  SendVersions("complaints/c1", 4, 6);
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3 4 5 6"));
  ExpectHealed();
  ExpectConserved(7);
  EXPECT_EQ(Number("SELECT sum(repeated + parked)::bigint FROM consumer_count"), 0);
}

TEST_F(FencedConsumerTest, WhatWasReadButNotAppliedIsReadAgain) {
  auto other = Connect();
  const auto key = static_cast<int64_t>(pg::LockKey::Exclusive("complaints/c1").hash);
  ASSERT_TRUE(other->RunScript("SELECT pg_advisory_lock(" + std::to_string(key) + ")").ok());
  SendVersions("complaints/c1", 1, 10);
  StartStaticConsumer();
  // The batch waits for the lock: it was read.
  ASSERT_TRUE(testing::Eventually(Seconds(30), [&] {
    return Number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") > 0;
  }));
  Mock().PushErrors(kHeartbeatApi, {kFenced});
  ASSERT_TRUE(EventuallyFenced(1));
  ASSERT_TRUE(other->RunScript("SELECT pg_advisory_unlock_all()").ok());
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3 4 5 6 7 8 9 10"));
  ExpectHealed();
  ExpectConserved(11);
  EXPECT_EQ(Number("SELECT sum(repeated + parked)::bigint FROM consumer_count"), 0);
}

// Two processes under one name must not fence each other all the time.
TEST_F(FencedConsumerTest, WaitsLongerEachTime) {
  SendVersions("complaints/c1", 1, 3);
  Mock().PushErrors(kJoinGroupApi, {kFenced, kFenced});
  StartStaticConsumer();
  ASSERT_TRUE(EventuallyFenced(1));
  const int64_t first = MonotonicMicros();
  ASSERT_TRUE(EventuallyFenced(2));
  const int64_t second = MonotonicMicros();
  EXPECT_GE(second - first, Milliseconds(1500).micros);
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3"));
  EXPECT_GE(MonotonicMicros() - second, Milliseconds(3500).micros);
  ExpectHealed();
  ExpectConserved(4);
}

}  // namespace
}  // namespace steward::eventing
