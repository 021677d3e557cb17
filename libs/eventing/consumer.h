#pragma once
// Kafka to projection. A batch is applied in one PostgreSQL transaction that also moves the partitions' offsets (by
// compare-and-set) and the aggregates' versions. A repeat is ignored, a gap refused, what cannot be applied is parked with
// everything later of its aggregate behind it. Nothing is dropped: read = applied + repeated + parked.
// Tables: schema.sql (consumer_offset, consumer_version, parked_record).

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/base/clock.h"
#include "libs/eventing/journal.h"
#include "libs/kafka/kafka.h"
#include "libs/metrics/registry.h"
#include "libs/pg/tx.h"

namespace steward::eventing {

struct Event {
  Uuid event_id;
  std::string topic;
  std::string aggregate;  // key
  int64_t version = 0;
  std::string type;  // `ticket.registered`
  Time occurred_at, recorded_at;
  Origin origin;
  std::shared_ptr<const google::protobuf::Message> message;  // the topic message
};

// One topic of a consumer.
struct Input {
  std::string topic;
  const google::protobuf::Message* prototype;  // default instance of the topic message
  int partitions = 12;
};

// What a service does with events. Called on the consumer's thread; Apply also from ReleaseParked on a worker.
class Projection {
 public:
  virtual ~Projection() = default;
  // Locks for these events: a pure function of the decoded events (ruling H2). The records' keys are locked besides.
  virtual std::vector<pg::LockKey> Locks(const std::vector<Event>& events) const = 0;
  // Applies events in order; those of one aggregate are in version order without gap. All statements go through
  // `tx`. A permanent refusal is FAILED_PRECONDITION, INVALID_ARGUMENT or NOT_FOUND: the consumer then applies the batch one by one
  // and parks the event at fault. Anything else is transient and tried again (5 attempts, then parked,
  // unless the database is away).
  [[nodiscard]] virtual absl::Status Apply(pg::Tx& tx, const std::vector<Event>& events) = 0;
  // After the commit of a batch (refresh caches, poke the relay).
  virtual void Applied(const std::vector<Event>& events) { (void)events; }
};

struct ConsumerOptions {
  std::string service;
  std::string group;        // steward.<service>
  std::string static_name;  // stable member name, only where one is configured (ruling H17)
  std::vector<Input> inputs;
  pg::Options pg;
  kafka::Options kafka;
  int max_batch = 500;  // at most 500 subjects a batch (ruling H8)
};

class Consumer {
 public:
  Consumer(ConsumerOptions options, Projection& projection, metrics::Registry& registry,
           const Clock& clock);
  ~Consumer();
  void Start();
  void Stop();
  struct InputStatus {
    std::string topic;
    int partition;
    int64_t next_offset;
    int64_t end_offset;  // -1 = not known
    bool assigned;
    std::string halted;  // empty = it is not
  };
  std::vector<InputStatus> status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Are all partitions of these topics applied up to the ends that were confirmed within `max_age`? Reads consumer_offset, which
// every replica's consumer keeps current (end_offset, end_confirmed_at), so any replica may ask (ruling H1).
struct InputHealth {
  bool caught_up = false;
  std::string detail;  // which partition is behind or unconfirmed
};
absl::StatusOr<InputHealth> CheckInputs(pg::Connection& connection, std::string_view group,
                                        const std::vector<Input>& inputs, Duration max_age);

// Which of these aggregates have parked records (ruling H20: their clocks fire marked `input_parked`).
pg::Pending QueueParkedAggregates(pg::Tx& tx, std::string_view group,
                                  const std::vector<std::string>& aggregates);

}  // namespace steward::eventing
