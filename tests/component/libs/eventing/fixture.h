#pragma once
// What the tests of journal, relay and consumer share: a database with the schema, a mock cluster, a small service
// that appends events, a reader of the topic and a projection that can be told to fail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/eventing/consumer.h"
#include "libs/eventing/envelope.h"
#include "libs/eventing/journal.h"
#include "libs/eventing/operations.h"
#include "libs/eventing/relay.h"
#include "libs/runtime/failpoint.h"
#include "libs/testing/eventually.h"
#include "libs/testing/kafka_mock.h"
#include "libs/testing/pg_fixture.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"

namespace steward::eventing {

inline constexpr char kSchema[] = "steward.complaints.events.v1.ComplaintsEvent";
inline constexpr int kPartitions = 3;

using complaints::events::v1::ComplaintsEvent;

ComplaintsEvent AnEvent(int cycle);

class EventingTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // The mock cluster, one for all tests, each with a topic of its own. With STEWARD_TEST_KAFKA set to a broker's address the
  // tests run on that broker, and those that need the mock are skipped.
  static testing::KafkaMock& Mock();
  static bool OnRealBroker();

  std::unique_ptr<pg::Connection> Connect();
  // Runs one statement that gives one number.
  int64_t Number(const std::string& sql);
  std::string Text(const std::string& sql);
  void Sql(const std::string& sql);

  // A statement of its own for a text; stays valid as long as the test.
  pg::Statement Named(const std::string& sql);

  // A command: lock, next version, append, commit.
  absl::Status AppendNext(pg::Connection& connection, const std::string& aggregate, int count = 1);

  RelayOptions RelayFor() const;
  // All records of the topic so far, by partition and offset.
  std::vector<kafka::Record> ReadTopic();
  // Versions of every aggregate in the order of their first appearance are 1, 2, 3 ... and repeats have the same bytes.
  static void ExpectOrdered(const std::vector<kafka::Record>& records);

  // Records as a relay would make them, without a journal.
  kafka::Message MessageOf(const std::string& aggregate, int64_t version, int salt = 0) const;
  void Send(std::vector<kafka::Message> messages);

  std::map<std::string, std::string> statements_;  // SQL to name
  std::string topic_;
  std::string group_;  // of its own: the mock waits for members that an earlier test left behind
  kafka::Options kafka_;
  pg::Options database_;
  std::unique_ptr<pg::Connection> connection_;
  metrics::Registry registry_;
  RandomIdGenerator ids_;
  SystemClock clock_;
};

// One row an event, so that a second application would fail on the primary key.
class Facts final : public Projection {
 public:
  std::vector<pg::LockKey> Locks(const std::vector<Event>&) const override { return {}; }
  absl::Status Apply(pg::Tx& tx, const std::vector<Event>& events) override;
  void Applied(const std::vector<Event>& events) override;

  void FailWith(const std::string& aggregate, int64_t version, absl::Status status);
  void Heal();
  int64_t applied_calls() const { return applied_; }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int64_t>, absl::Status> faults_;
  std::atomic<int64_t> applied_{0};
};

class ConsumerTest : public EventingTest {
 protected:
  void SetUp() override;
  ConsumerOptions OptionsFor() const;
  void StartConsumer();
  // Versions applied of an aggregate, `1 2 3`.
  std::string Applied(const std::string& aggregate);
  bool EventuallyApplied(const std::string& aggregate, const std::string& versions);
  // read = applied + repeated + parked, and the offsets moved by as many.
  void ExpectConserved(int64_t records);

  Facts facts_;
  std::unique_ptr<Consumer> consumer_;
};

}  // namespace steward::eventing
