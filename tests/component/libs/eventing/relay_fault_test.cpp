// The relay when Kafka or the database fails: nothing is lost, repeats are byte-identical, the cursor is honest.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <map>

#include "libs/base/status.h"
#include "tests/component/libs/eventing/fixture.h"

namespace steward::eventing {
namespace {

constexpr int kProduceApi = 0;

class RelayFaultTest : public EventingTest {
 protected:
  void SetUp() override {
    if (OnRealBroker()) {
      GTEST_SKIP() << "needs the mock cluster's faults";
    }
    EventingTest::SetUp();
  }
  bool EventuallyPublished(Duration limit = Seconds(60)) {
    return testing::Eventually(limit, [&] {
      return Number(
                 "SELECT count(*) FROM journal j, journal_cursor c "
                 "WHERE (j.xid, j.seq) > (c.xid, c.seq)") == 0;
    });
  }
  void ExpectComplete() {
    const auto records = ReadTopic();
    ExpectOrdered(records);
    ExpectAllOfTheJournal(records);
  }
  // Each row, with the same bytes whenever it comes.
  void ExpectAllOfTheJournal(const std::vector<kafka::Record>& records) {
    std::map<std::string, std::string> values;
    for (const kafka::Record& record : records) {
      const auto [known, first] =
          values.try_emplace(std::string(HeaderOf(record, "ce_id")), record.value);
      EXPECT_EQ(known->second, record.value) << known->first;
    }
    EXPECT_EQ(static_cast<int64_t>(values.size()), Number("SELECT count(*) FROM journal"));
  }
};

TEST_F(RelayFaultTest, ARefusedDeliveryRebuildsTheProducerAndLosesNothing) {
  for (const int error :
       {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
        RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID}) {
    Mock().PushErrors(kProduceApi, {error});
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(AppendNext(*connection_, "complaints/c" + std::to_string(i), 30).ok());
    }
    metrics::Registry registry;
    Relay relay(RelayFor(), registry);
    relay.Start();
    ASSERT_TRUE(EventuallyPublished()) << error;
    relay.Stop();
    if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      // The fault happened.
      EXPECT_THAT(registry.Text(),
                  ::testing::ContainsRegex("publish_failures_total\\{reason=\"(denied|fatal)\","
                                           "topic=\"" +
                                           topic_ + "\"\\} [1-9]"));
    }
  }
  // What is on its way behind a refused request the mock takes, as it does not look at sequence numbers; a broker refuses
  // it. So there may be records out of turn here, but behind them everything comes again, in order.
  const auto records = ReadTopic();
  ExpectAllOfTheJournal(records);
  std::map<std::string, size_t> followed;
  for (const kafka::Record& record : records) {
    size_t& last = followed[*record.key];
    last += std::stoull(std::string(HeaderOf(record, "ce_sequence"))) == last + 1;
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(followed["complaints/c" + std::to_string(i)], 120u);
  }
}

TEST_F(RelayFaultTest, ABrokerThatIsDownIsWaitedFor) {
  Relay relay(RelayFor(), registry_);
  relay.Start();
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1").ok());
  ASSERT_TRUE(EventuallyPublished());
  Mock().BrokerDown();
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 20).ok());
  relay.Poke();
  EXPECT_FALSE(EventuallyPublished(Seconds(2)));
  EXPECT_TRUE(relay.status().active);  // keeps the lock and speaks
  Mock().BrokerUp();
  ASSERT_TRUE(EventuallyPublished());
  relay.Stop();
  ExpectComplete();
}

TEST_F(RelayFaultTest, DyingBetweenDeliveryAndCursorBringsRepeatsOnly) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 20).ok());
  ASSERT_TRUE(runtime::ArmFailpoints("relay.after_produce_before_cursor=error@1").ok());
  Relay relay(RelayFor(), registry_);
  relay.Start();
  ASSERT_TRUE(EventuallyPublished());
  relay.Stop();
  EXPECT_EQ(ReadTopic().size(), 40u);
  ExpectComplete();
}

TEST_F(RelayFaultTest, AnotherOwnersCursorIsNotOverwritten) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 20).ok());
  ASSERT_TRUE(runtime::ArmFailpoints("relay.after_produce_before_cursor=wait@1").ok());
  Relay relay(RelayFor(), registry_);
  relay.Start();
  ASSERT_TRUE(runtime::AwaitFailpoint("relay.after_produce_before_cursor", Seconds(20)));
  Sql("UPDATE journal_cursor SET seq = 5, xid = (SELECT min(xid) FROM journal)");
  runtime::ReleaseFailpoint("relay.after_produce_before_cursor");
  ASSERT_TRUE(EventuallyPublished());
  relay.Stop();
  EXPECT_EQ(ReadTopic().size(), 35u);  // 20, and again what lies after the cursor it found
  ExpectComplete();
}

TEST_F(RelayFaultTest, AKafkaThatLostEverythingIsFilledAgain) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 30).ok());
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c2", 30).ok());
  {
    Relay relay(RelayFor(), registry_);
    relay.Start();
    ASSERT_TRUE(EventuallyPublished());
    relay.Stop();
  }
  testing::KafkaMock fresh;
  fresh.CreateTopic(topic_, kPartitions);
  RelayOptions options = RelayFor();
  options.kafka = fresh.options();
  Relay relay(options, registry_);
  relay.Start();
  auto admin = kafka::Admin::Create(fresh.options());
  ASSERT_TRUE(admin.ok());
  EXPECT_TRUE(testing::Eventually(Seconds(30), [&] {
    auto ranges = (*admin)->Offsets(topic_, Seconds(5));
    int64_t total = 0;
    if (ranges.ok()) {
      for (const auto& [partition, range] : *ranges) {
        total += range.second;
      }
    }
    return total == 60;
  }));
}

TEST_F(RelayFaultTest, RefusesADatabaseThatAllowsPreparedTransactions) {
  const auto restart = [&](const std::string& statement) {
    Sql(statement);
    testing::PgFixture::Shared().Kill();
    testing::PgFixture::Shared().Restart();
    connection_ = Connect();
  };
  restart("ALTER SYSTEM SET max_prepared_transactions = 10");
  Relay relay(RelayFor(), registry_);
  relay.Start();
  EXPECT_TRUE(testing::Eventually(Seconds(20), [&] {
    return relay.status().refusal.find("max_prepared_transactions") != std::string::npos;
  }));
  restart("ALTER SYSTEM RESET max_prepared_transactions");
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1").ok());
  EXPECT_TRUE(EventuallyPublished());
}

TEST_F(RelayFaultTest, AKilledDatabaseIsWaitedFor) {
  Relay relay(RelayFor(), registry_);
  relay.Start();
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 5).ok());
  ASSERT_TRUE(EventuallyPublished());
  testing::PgFixture::Shared().Kill();
  testing::PgFixture::Shared().Restart();
  connection_ = Connect();
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 5).ok());
  ASSERT_TRUE(EventuallyPublished());
  relay.Stop();
  ExpectComplete();
}

}  // namespace
}  // namespace steward::eventing
