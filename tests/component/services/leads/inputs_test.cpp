// Scores through the consumer, on a mock of Kafka: what is repeated, missing or of a lost lead.

#include "libs/eventing/consumer.h"
#include "libs/eventing/envelope.h"
#include "libs/eventing/operations.h"
#include "libs/kafka/kafka.h"
#include "libs/testing/kafka_mock.h"
#include "tests/component/services/leads/scores_fixture.h"

namespace steward::leads {
namespace {

using testing::Eventually;

class Inputs : public ScoresTest {
 protected:
  Inputs() {
    for (const eventing::Input& input : leads::Inputs(kPartitions)) {
      kafka.CreateTopic(input.topic, input.partitions);
    }
  }
  eventing::ConsumerOptions ConsumerOptions() {
    return {.service = "leads",
            .group = "steward.leads",
            .static_name = "",
            .inputs = leads::Inputs(kPartitions),
            .pg = options,
            .kafka = kafka.options(),
            .max_batch = 500};
  }
  // The record that the scoring service's relay makes of it.
  kafka::Message Record(const std::string& lead, int64_t version, const std::string& score) {
    const ScoringEvent event = Scored(lead, score);
    Uuid& id = event_ids[lead + std::to_string(version)];
    if (id == Uuid{}) {
      id = ids.NewId(clock.Now());
    }
    return eventing::ToMessage({"scoring", kScoringTopic, ScoringEvent::descriptor()->full_name()},
                               {.xid = 1,
                                .seq = version,
                                .event_id = id,
                                .aggregate = ScoreKey(lead),
                                .aggregate_version = version,
                                .type = eventing::EventName(event),
                                .occurred_at = kStart,
                                .recorded_at = kStart,
                                .actor = "system:scoring",
                                .correlation = "test",
                                .causation = "",
                                .traceparent = "00-trace",
                                .payload = event.SerializeAsString()});
  }
  void Send(const std::vector<kafka::Message>& messages) {
    auto producer = kafka::Producer::Create(kafka.options(), nullptr);
    ASSERT_TRUE(producer.ok()) << producer.status();
    const absl::Status sent = (*producer)->SendAll(messages, Seconds(20));
    ASSERT_TRUE(sent.ok()) << sent;
  }
  bool EventuallyScored(const std::string& lead, const std::string& score) {
    return Eventually(Seconds(30), [&] { return ScoreOf(lead) == score; });
  }
  int64_t Parked(const char* reason) {
    return Count(("SELECT count(*) FROM parked_record WHERE state = 'parked' AND reason = '" +
                  std::string(reason) + "'")
                     .c_str());
  }
  void Sql(const char* sql) {
    auto db = pg::Connection::Open(options);
    ASSERT_TRUE(db.ok()) << db.status();
    const auto result = (*db)->Run(pg::Statement{"sql", sql});
    ASSERT_TRUE(result.ok()) << result.status();
  }

  static constexpr int kPartitions = 3;
  testing::KafkaMock kafka;
  SystemClock system_clock;
  std::map<std::string, Uuid> event_ids;
};

TEST_F(Inputs, RepeatsChangeNothingAGapWaitsAndALostLeadsScoreIsParked) {
  const std::string repeated = CreateLead("form-1").name();
  const std::string gap = CreateLead("form-2").name();
  const std::string lost = CreateLead("form-3").name();
  Sql("CREATE TABLE backup AS SELECT * FROM lead_score");
  Sql(("DELETE FROM lead_score WHERE lead = '" + lost.substr(6) + "'").c_str());
  Send({Record(repeated, 1, "10"), Record(repeated, 1, "10"), Record(repeated, 2, "20"),
        Record(repeated, 1, "10"), Record(gap, 1, "5"), Record(gap, 3, "7"), Record(lost, 1, "30"),
        Record(lost, 2, "40")});
  eventing::Consumer consumer(ConsumerOptions(), projection, registry, system_clock);
  consumer.Start();
  ASSERT_TRUE(Eventually(Seconds(30), [&] {
    return Count("SELECT coalesce(sum(next_offset), 0)::bigint FROM consumer_offset") == 8;
  }));
  EXPECT_EQ(ScoreOf(repeated), "20") << "an older version again";
  EXPECT_EQ(Count("SELECT sum(repeated)::bigint FROM consumer_count"), 2);
  EXPECT_EQ(ScoreOf(gap), "5");
  EXPECT_EQ(Parked("gap"), 1);
  EXPECT_EQ(Parked("refused"), 1);
  EXPECT_EQ(Parked("behind"), 1);

  Send({Record(gap, 2, "6")});
  EXPECT_TRUE(EventuallyScored(gap, "7"));
  EXPECT_EQ(Parked("gap"), 0);
  consumer.Stop();

  Sql("INSERT INTO lead_score SELECT * FROM backup ON CONFLICT DO NOTHING");
  auto db = pg::Connection::Open(options);
  ASSERT_TRUE(db.ok()) << db.status();
  const auto outcome =
      eventing::ReleaseParked(**db, ConsumerOptions(), projection,
                              {.ids = {}, .key = ScoreKey(lost), .reason = "", .dry_run = false});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->released, 2);
  EXPECT_EQ(ScoreOf(lost), "40");
}

}  // namespace
}  // namespace steward::leads
