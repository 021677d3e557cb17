// Producer, consumer and admin against librdkafka's mock cluster.

#include "libs/kafka/kafka.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/testing/eventually.h"
#include "libs/testing/kafka_mock.h"

namespace steward::kafka {
namespace {

constexpr int kProduceApi = 0;
constexpr int kHeartbeatApi = 12;
constexpr char kTopic[] = "steward.test.v1";

std::vector<Message> Messages(int count, const std::string& prefix = "m") {
  std::vector<Message> messages;
  for (int i = 0; i < count; ++i) {
    messages.push_back({kTopic,
                        "key/" + std::to_string(i % 7),
                        prefix + std::to_string(i),
                        {{"ce_id", std::to_string(i)}}});
  }
  return messages;
}

// A consumer with its offsets in a map, as a service keeps them in its database.
struct Reader {
  std::map<std::pair<std::string, int>, int64_t> offsets;
  absl::Status refusal;
  int revoked = 0;
  std::unique_ptr<Consumer> consumer;

  void Open(const testing::KafkaMock& mock, const std::string& group,
            const std::string& static_name = "") {
    auto made = Consumer::Create(
        mock.options(), group, {kTopic},
        {.start_at = [this](const std::string& topic,
                            int32_t partition) -> absl::StatusOr<std::optional<int64_t>> {
           RETURN_IF_ERROR(refusal);
           auto it = offsets.find({topic, partition});
           return it == offsets.end() ? std::nullopt : std::optional(it->second);
         },
         .revoked = [this](const std::string&, int32_t) { ++revoked; }},
        nullptr, static_name);
    ASSERT_TRUE(made.ok()) << made.status();
    consumer = *std::move(made);
  }

  // Polls until `count` records came or the time is over.
  std::vector<Record> Read(size_t count, Duration limit = Seconds(20)) {
    std::vector<Record> all;
    testing::Eventually(limit, [&] {
      auto records = consumer->Poll(100, Milliseconds(100));
      EXPECT_TRUE(records.ok()) << records.status();
      if (records.ok()) {
        all.insert(all.end(), records->begin(), records->end());
      }
      return all.size() >= count;
    });
    return all;
  }
};

class KafkaTest : public ::testing::Test {
 protected:
  void SetUp() override { mock_.CreateTopic(kTopic, 3); }
  std::unique_ptr<Producer> MakeProducer() {
    auto made = Producer::Create(mock_.options(), nullptr);
    EXPECT_TRUE(made.ok()) << made.status();
    return *std::move(made);
  }
  int64_t TotalEnd() {
    auto admin = Admin::Create(mock_.options());
    auto offsets = (*admin)->Offsets(kTopic, Seconds(10));
    EXPECT_TRUE(offsets.ok()) << offsets.status();
    int64_t total = 0;
    for (const auto& [partition, range] : *offsets) {
      total += range.second;
    }
    return total;
  }
  testing::KafkaMock mock_;
};

TEST_F(KafkaTest, SendsAndReportsTheEndOfEachPartition) {
  auto producer = MakeProducer();
  std::map<std::pair<std::string, int>, int64_t> ends;
  ASSERT_TRUE(producer->SendAll(Messages(100), Seconds(20), &ends).ok());
  int64_t total = 0;
  for (const auto& [partition, end] : ends) {
    total += end;
  }
  EXPECT_EQ(total, 100);
  EXPECT_EQ(TotalEnd(), 100);
}

TEST_F(KafkaTest, TwoPagesOnTheirWayAreAwaitedInOrder) {
  auto producer = MakeProducer();
  ASSERT_TRUE(producer->Start(Messages(50, "a")).ok());
  ASSERT_TRUE(producer->Start(Messages(50, "b")).ok());
  std::map<std::pair<std::string, int>, int64_t> first;
  std::map<std::pair<std::string, int>, int64_t> second;
  ASSERT_TRUE(producer->Await(Seconds(20), &first).ok());
  ASSERT_TRUE(producer->Await(Seconds(20), &second).ok());
  for (const auto& [partition, end] : first) {
    EXPECT_LT(end, second[partition]);
  }
}

TEST_F(KafkaTest, AMessageThatWaitsIsNotFailed) {
  auto producer = MakeProducer();
  ASSERT_TRUE(producer->SendAll(Messages(3), Seconds(20)).ok());
  mock_.BrokerDown();
  ASSERT_TRUE(producer->Start(Messages(3)).ok());
  EXPECT_EQ(producer->Await(Milliseconds(300)).code(), absl::StatusCode::kDeadlineExceeded);
  mock_.BrokerUp();
  EXPECT_TRUE(producer->Await(Seconds(30)).ok());
  EXPECT_EQ(TotalEnd(), 6);
}

TEST_F(KafkaTest, AFailedDeliveryIsFinal) {
  auto producer = MakeProducer();
  mock_.PushErrors(kProduceApi, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  EXPECT_FALSE(producer->SendAll(Messages(10), Seconds(20)).ok());
  EXPECT_FALSE(producer->SendAll(Messages(10), Seconds(20)).ok());
  producer = MakeProducer();
  EXPECT_TRUE(producer->SendAll(Messages(10), Seconds(20)).ok());
}

TEST_F(KafkaTest, ATopicNameThatCanBeNoneIsAnErrorOfTheProducer) {
  auto producer = MakeProducer();
  std::vector<Message> messages = Messages(1);
  messages[0].topic = std::string(600, 't');
  const absl::Status status = producer->SendAll(messages, Seconds(20));
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.ToString().find("topic ttt"), std::string::npos) << status;
}

TEST_F(KafkaTest, TransientBrokerErrorsAreRetriedInside) {
  auto producer = MakeProducer();
  mock_.PushErrors(kProduceApi,
                   {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  EXPECT_TRUE(producer->SendAll(Messages(10), Seconds(30)).ok());
}

TEST_F(KafkaTest, ReadsFromTheBeginningWithKeysAndHeaders) {
  auto producer = MakeProducer();
  ASSERT_TRUE(producer->SendAll(Messages(20), Seconds(20)).ok());
  Reader reader;
  reader.Open(mock_, "g1");
  const auto records = reader.Read(20);
  ASSERT_EQ(records.size(), 20u);
  for (const Record& record : records) {
    EXPECT_EQ(record.key->substr(0, 4), "key/");
    ASSERT_EQ(record.headers.size(), 1u);
    EXPECT_EQ("m" + record.headers[0].second, record.value);
    EXPECT_EQ(PartitionOf(*record.key, 3), record.partition);
  }
}

TEST_F(KafkaTest, StartsAtTheStoredOffsetAndSeeksBack) {
  auto producer = MakeProducer();
  std::vector<Message> messages = Messages(10);
  for (Message& message : messages) {
    message.key = "one";
  }
  ASSERT_TRUE(producer->SendAll(messages, Seconds(20)).ok());
  const int partition = PartitionOf("one", 3);
  Reader reader;
  reader.offsets[{kTopic, partition}] = 7;
  reader.Open(mock_, "g2");
  auto records = reader.Read(3);
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].offset, 7);
  ASSERT_TRUE(reader.consumer->Seek(kTopic, partition, 4).ok());
  records = reader.Read(6);
  ASSERT_EQ(records.size(), 6u);
  EXPECT_EQ(records[0].offset, 4);
}

TEST_F(KafkaTest, APartitionWaitsForItsOffset) {
  auto producer = MakeProducer();
  ASSERT_TRUE(producer->SendAll(Messages(10), Seconds(20)).ok());
  Reader reader;
  reader.refusal = absl::UnavailableError("database away");
  reader.Open(mock_, "g3");
  ASSERT_TRUE(testing::Eventually(Seconds(20), [&] {
    auto records = reader.consumer->Poll(10, Milliseconds(50));
    EXPECT_TRUE(records.ok() && records->empty());
    return reader.consumer->Positions().size() == 3;
  }));
  reader.refusal = absl::OkStatus();
  EXPECT_EQ(reader.Read(10).size(), 10u);
}

TEST_F(KafkaTest, AnOffsetThatIsGoneIsNamedAndNeverJumped) {
  auto producer = MakeProducer();
  std::vector<Message> messages = Messages(5);
  for (Message& message : messages) {
    message.key = "one";
  }
  ASSERT_TRUE(producer->SendAll(messages, Seconds(20)).ok());
  const int partition = PartitionOf("one", 3);
  Reader reader;
  reader.offsets[{kTopic, partition}] = 1000;
  reader.Open(mock_, "g4");
  absl::Status error;
  ASSERT_TRUE(testing::Eventually(Seconds(20), [&] {
    error = reader.consumer->Poll(10, Milliseconds(100)).status();
    return !error.ok();
  }));
  EXPECT_EQ(error.code(), absl::StatusCode::kOutOfRange);
  ASSERT_TRUE(RefusalOf(error).has_value());
  EXPECT_EQ(RefusalOf(error)->metadata[1].second, std::to_string(partition));
  // The owner decides where it goes on.
  ASSERT_TRUE(reader.consumer->Seek(kTopic, partition, 2).ok());
  const auto records = reader.Read(3);
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].offset, 2);
}

TEST_F(KafkaTest, EndsAreConfirmedByTheBrokerOnly) {
  auto producer = MakeProducer();
  ASSERT_TRUE(producer->SendAll(Messages(21), Seconds(20)).ok());
  Reader reader;
  reader.Open(mock_, "g5");
  ASSERT_EQ(reader.Read(21).size(), 21u);
  const int64_t before = MonotonicMicros();
  ASSERT_TRUE(reader.consumer->RefreshEnds(Seconds(10)).ok());
  for (const auto& position : reader.consumer->Positions()) {
    EXPECT_EQ(position.next == -1 ? 0 : position.next, position.end);
    EXPECT_GE(position.end_confirmed_micros, before);
  }
  mock_.BrokerDown();
  const int64_t down = MonotonicMicros();
  EXPECT_FALSE(reader.consumer->RefreshEnds(Milliseconds(300)).ok());
  for (const auto& position : reader.consumer->Positions()) {
    EXPECT_LT(position.end_confirmed_micros, down);
  }
  mock_.BrokerUp();
}

TEST_F(KafkaTest, NothingComesWhilePausedAndAllOfItAfterwards) {
  auto producer = MakeProducer();
  ASSERT_TRUE(producer->SendAll(Messages(5), Seconds(20)).ok());
  Reader reader;
  reader.Open(mock_, "g6");
  ASSERT_EQ(reader.Read(5).size(), 5u);
  reader.consumer->Pause();
  ASSERT_TRUE(producer->SendAll(Messages(5), Seconds(20)).ok());
  auto records = reader.consumer->Poll(10, Milliseconds(500));
  ASSERT_TRUE(records.ok());
  EXPECT_TRUE(records->empty());
  reader.consumer->Resume();
  EXPECT_EQ(reader.Read(5).size(), 5u);
}

TEST_F(KafkaTest, AFencedConsumerSaysSoUntilItIsReplaced) {
  auto producer = MakeProducer();
  ASSERT_TRUE(producer->SendAll(Messages(5), Seconds(20)).ok());
  Reader reader;
  reader.Open(mock_, "g7", "member-1");
  ASSERT_EQ(reader.Read(5).size(), 5u);
  mock_.PushErrors(kHeartbeatApi, {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID});
  absl::Status error;
  ASSERT_TRUE(testing::Eventually(Seconds(20), [&] {
    error = reader.consumer->Poll(10, Milliseconds(100)).status();
    return !error.ok();
  }));
  EXPECT_EQ(error.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(error), "CONSUMER_FENCED");
  EXPECT_EQ(reader.consumer->Poll(10, Seconds(20)).status().code(), absl::StatusCode::kAborted);
  ASSERT_TRUE(producer->SendAll(Messages(5), Seconds(20)).ok());
  reader.consumer.reset();
  reader.Open(mock_, "g7", "member-1");
  EXPECT_EQ(reader.Read(10).size(), 10u);
}

TEST_F(KafkaTest, AdminSeesClusterTopicsAndTheLastRecord) {
  auto producer = MakeProducer();
  ASSERT_TRUE(producer->SendAll(Messages(30), Seconds(20)).ok());
  auto made = Admin::Create(mock_.options());
  ASSERT_TRUE(made.ok()) << made.status();
  Admin& admin = **made;
  auto cluster = admin.ClusterId(Seconds(10));
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_FALSE(cluster->empty());
  auto partitions = admin.Partitions({kTopic, "missing"}, Seconds(10));
  ASSERT_TRUE(partitions.ok()) << partitions.status();
  EXPECT_EQ(*partitions, (std::map<std::string, int>{{kTopic, 3}}));
  auto offsets = admin.Offsets(kTopic, Seconds(10));
  ASSERT_TRUE(offsets.ok()) << offsets.status();
  for (const auto& [partition, range] : *offsets) {
    auto last = admin.ReadLast(kTopic, partition, Seconds(10));
    ASSERT_TRUE(last.ok()) << last.status();
    ASSERT_EQ(last->has_value(), range.second > 0);
    if (*last) {
      EXPECT_EQ((*last)->offset, range.second - 1);
    }
  }
  EXPECT_EQ(admin.Offsets("missing", Seconds(10)).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace steward::kafka
