#include "tests/component/libs/eventing/fixture.h"

#include <algorithm>
#include <cstdlib>

#include "libs/base/status.h"
#include "tests/eventing_schema.h"

namespace steward::eventing {
namespace {

constexpr pg::Statement kMaxVersion = {
    "test_max_version",
    "SELECT coalesce(max(j.aggregate_version), 0) FROM journal j WHERE j.aggregate = $1"};
constexpr pg::Statement kInsertFact = {
    "test_insert_fact",
    "INSERT INTO fact (aggregate, version, event_id) "
    "SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[])"};

}  // namespace

ComplaintsEvent AnEvent(int cycle) {
  ComplaintsEvent event;
  event.mutable_ticket_first_responded()->set_cycle(cycle);
  return event;
}

bool EventingTest::OnRealBroker() { return std::getenv("STEWARD_TEST_KAFKA") != nullptr; }

testing::KafkaMock& EventingTest::Mock() {
  static auto* mock = new testing::KafkaMock();  // its thread ends with the process
  return *mock;
}

void EventingTest::SetUp() {
  topic_ = "steward.t" + ids_.NewId(clock_.Now()).ToString().substr(0, 18) + ".v1";
  group_ = "steward.sla-" + topic_;
  if (OnRealBroker()) {
    kafka_ = {
        .bootstrap_servers = std::getenv("STEWARD_TEST_KAFKA"), .client_id = "test", .extra = {}};
    auto admin = kafka::Admin::Create(kafka_);
    ASSERT_TRUE(admin.ok()) << admin.status();
    const absl::Status made = (*admin)->CreateTopic(topic_, kPartitions, 1, {}, Seconds(10));
    ASSERT_TRUE(made.ok()) << made;
  } else {
    kafka_ = Mock().options();
    Mock().CreateTopic(topic_, kPartitions);
  }
  database_ = testing::PgFixture::Shared().NewDatabase(schema::Migrations());
  connection_ = Connect();
}

void EventingTest::TearDown() {
  runtime::DisarmFailpoints();
  if (!OnRealBroker()) {
    Mock().BrokerUp();
  }
}

std::unique_ptr<pg::Connection> EventingTest::Connect() {
  auto opened = pg::Connection::Open(database_);
  EXPECT_TRUE(opened.ok()) << opened.status();
  return *std::move(opened);
}

pg::Statement EventingTest::Named(const std::string& sql) {
  const auto it = statements_.try_emplace(sql, "test_" + std::to_string(statements_.size())).first;
  return {it->second.c_str(), it->first.c_str()};
}

int64_t EventingTest::Number(const std::string& sql) {
  auto result = connection_->Run(Named(sql));
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() && result->rows() == 1 ? result->Int(0, 0) : -1;
}

std::string EventingTest::Text(const std::string& sql) {
  auto result = connection_->Run(Named(sql));
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() && result->rows() == 1 ? result->Text(0, 0) : "";
}

void EventingTest::Sql(const std::string& sql) {
  const absl::Status status = connection_->RunScript(sql);
  EXPECT_TRUE(status.ok()) << status;
}

absl::Status EventingTest::AppendNext(pg::Connection& connection, const std::string& aggregate,
                                      int count) {
  return pg::RunInTx(connection, {}, [&](pg::Tx& tx) -> absl::Status {
    tx.Lock({pg::LockKey::Exclusive(aggregate)});
    const pg::Pending max = tx.Queue(kMaxVersion, pg::Params().Add(aggregate));
    RETURN_IF_ERROR(tx.Flush());
    std::vector<NewEvent> events;
    for (int i = 1; i <= count; ++i) {
      events.push_back(
          MakeEvent(ids_, clock_.Now(), aggregate, max->Int(0, 0) + i, clock_.Now(), AnEvent(i)));
    }
    return Append(tx, {"members/m1", "corr", "", "00-trace"}, events,
                  ComplaintsEvent::default_instance());
  });
}

RelayOptions EventingTest::RelayFor() const {
  return {.service = "complaints",
          .topic = topic_,
          .data_schema = kSchema,
          .partitions = kPartitions,
          .pg = database_,
          .kafka = kafka_,
          .page = 50};
}

std::vector<kafka::Record> EventingTest::ReadTopic() {
  std::vector<kafka::Record> records;
  auto admin = kafka::Admin::Create(kafka_);
  EXPECT_TRUE(admin.ok()) << admin.status();
  auto ranges = (*admin)->Offsets(topic_, Seconds(10));
  EXPECT_TRUE(ranges.ok()) << ranges.status();
  int64_t total = 0;
  for (const auto& [partition, range] : *ranges) {
    total += range.second - range.first;
  }
  auto consumer = kafka::Consumer::Create(
      kafka_, "reader-" + ids_.NewId(clock_.Now()).ToString(), {topic_},
      {.start_at = [](const std::string&, int32_t) { return std::optional<int64_t>(); },
       .revoked = [](const std::string&, int32_t) {}},
      nullptr);
  EXPECT_TRUE(consumer.ok()) << consumer.status();
  testing::Eventually(Seconds(20), [&] {
    auto polled = (*consumer)->Poll(1000, Milliseconds(100));
    if (polled.ok()) {
      records.insert(records.end(), polled->begin(), polled->end());
    }
    return static_cast<int64_t>(records.size()) >= total;
  });
  EXPECT_EQ(static_cast<int64_t>(records.size()), total);
  std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::pair(a.partition, a.offset) < std::pair(b.partition, b.offset);
  });
  return records;
}

void EventingTest::ExpectOrdered(const std::vector<kafka::Record>& records) {
  std::map<std::string, std::vector<std::string>> versions;  // values by aggregate
  for (const kafka::Record& record : records) {
    const auto sequence =
        static_cast<size_t>(std::stoll(std::string(HeaderOf(record, "ce_sequence"))));
    auto& seen = versions[*record.key];
    if (sequence <= seen.size()) {
      EXPECT_EQ(seen[sequence - 1], record.value) << *record.key;
      continue;
    }
    EXPECT_EQ(sequence, seen.size() + 1) << *record.key << " at " << record.offset;
    seen.push_back(record.value);
  }
}

kafka::Message EventingTest::MessageOf(const std::string& aggregate, int64_t version,
                                       int salt) const {
  Uuid id;
  const uint64_t hash = StableHash(aggregate);
  for (int i = 0; i < 8; ++i) {
    id.bytes[static_cast<size_t>(i)] = static_cast<uint8_t>(hash >> (8 * i));
  }
  id.bytes[14] = static_cast<uint8_t>(salt);
  id.bytes[15] = static_cast<uint8_t>(version);
  const ComplaintsEvent event = AnEvent(static_cast<int>(version));
  return ToMessage({"complaints", topic_, kSchema}, {.xid = 1,
                                                     .seq = version,
                                                     .event_id = id,
                                                     .aggregate = aggregate,
                                                     .aggregate_version = version,
                                                     .type = EventName(event),
                                                     .occurred_at = SystemClock().Now(),
                                                     .recorded_at = SystemClock().Now(),
                                                     .actor = "members/m1",
                                                     .correlation = "corr",
                                                     .causation = "",
                                                     .traceparent = "00-trace",
                                                     .payload = event.SerializeAsString()});
}

void EventingTest::Send(std::vector<kafka::Message> messages) {
  auto producer = kafka::Producer::Create(kafka_, nullptr);
  ASSERT_TRUE(producer.ok()) << producer.status();
  const absl::Status sent = (*producer)->SendAll(messages, Seconds(20));
  ASSERT_TRUE(sent.ok()) << sent;
}

absl::Status Facts::Apply(pg::Tx& tx, const std::vector<Event>& events) {
  std::vector<std::string> aggregates;
  std::vector<int64_t> versions;
  std::vector<Uuid> ids;
  for (const Event& event : events) {
    std::lock_guard lock(mutex_);
    if (auto it = faults_.find({event.aggregate, event.version}); it != faults_.end()) {
      return it->second;
    }
    aggregates.push_back(event.aggregate);
    versions.push_back(event.version);
    ids.push_back(event.event_id);
  }
  tx.Queue(kInsertFact, pg::Params().AddTexts(aggregates).AddInts(versions).AddUuids(ids));
  return absl::OkStatus();
}

void Facts::Applied(const std::vector<Event>& events) {
  applied_ += static_cast<int64_t>(events.size());
}

void Facts::FailWith(const std::string& aggregate, int64_t version, absl::Status status) {
  std::lock_guard lock(mutex_);
  faults_[{aggregate, version}] = std::move(status);
}

void Facts::Heal() {
  std::lock_guard lock(mutex_);
  faults_.clear();
}

void ConsumerTest::SetUp() {
  EventingTest::SetUp();
  Sql("CREATE TABLE fact (place bigint GENERATED ALWAYS AS IDENTITY, aggregate text, version "
      "bigint, "
      "event_id uuid UNIQUE, PRIMARY KEY (aggregate, version))");
}

ConsumerOptions ConsumerTest::OptionsFor() const {
  return {.service = "sla",
          .group = group_,
          .static_name = "",
          .inputs = {{topic_, &ComplaintsEvent::default_instance(), kPartitions}},
          .pg = database_,
          .kafka = kafka_,
          .max_batch = 100};
}

void ConsumerTest::StartConsumer() {
  consumer_.reset();
  consumer_ = std::make_unique<Consumer>(OptionsFor(), facts_, registry_, clock_);
  consumer_->Start();
}

std::string ConsumerTest::Applied(const std::string& aggregate) {
  return Text(
      "SELECT coalesce(string_agg(version::text, ' ' ORDER BY place), '') FROM fact "
      "WHERE aggregate = '" +
      aggregate + "'");
}

bool ConsumerTest::EventuallyApplied(const std::string& aggregate, const std::string& versions) {
  return testing::Eventually(Seconds(30), [&] { return Applied(aggregate) == versions; });
}

void ConsumerTest::ExpectConserved(int64_t records) {
  EXPECT_TRUE(testing::Eventually(Seconds(20), [&] {
    return Number(
               "SELECT coalesce(sum(applied + repeated + parked), 0)::bigint FROM "
               "consumer_count") == records;
  }));
  EXPECT_EQ(Number("SELECT sum(next_offset)::bigint FROM consumer_offset"), records);
  EXPECT_EQ(Number("SELECT count(*) FROM parked_record"),
            Number("SELECT sum(parked)::bigint FROM consumer_count"));
}

}  // namespace steward::eventing
