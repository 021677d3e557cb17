#pragma once
// Internal: the consumer's thread. Everything here belongs to that thread, except status().

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/base/backoff.h"
#include "libs/eventing/batch.h"
#include "libs/eventing/consumer.h"
#include "libs/eventing/consumer_metrics.h"

namespace steward::eventing {

class ConsumerLoop {
 public:
  ConsumerLoop(const ConsumerOptions& options, Projection& projection, metrics::Registry& registry,
               const Clock& clock);
  void Run(const std::atomic<bool>& stopping);
  std::vector<Consumer::InputStatus> status() const;

 private:
  struct Assigned {
    int64_t stored = 0;  // next_offset as this owner last read or wrote it
    int64_t polled =
        0;  // lowest offset that is not in the backlog; a rebalance may hand out records twice
    std::string halted;
    int64_t shown = -1;  // offset last committed to Kafka for display
  };

  // consumer.cpp: from Kafka into the backlog.
  bool EnsureDatabase();
  bool EnsureKafka();
  void ReplaceKafka();
  void WhatIsUnderstoodNow();
  absl::StatusOr<std::optional<int64_t>> StartAt(const store::PartitionKey& key);
  void Revoked(const store::PartitionKey& key);
  void DropBacklog(const store::PartitionKey& key);
  bool Halted(const store::PartitionKey& key) const;
  void PollInto(int max, Duration wait);
  void WaitPolling(Duration wait);

  // consumer_apply.cpp: from the backlog into the projection.
  Batch NextBatch() const;
  void Step();
  void Done(const Batch& batch, const BatchOutcome& outcome, Duration took);
  void Failed(const Batch& batch, const BatchOutcome& outcome, const absl::Status& status);
  void Reload(const std::vector<store::PartitionKey>& lost);
  bool ReleaseWaiting();

  // consumer_tick.cpp: what is done by the clock.
  void Tick();
  void SaveEnds();
  void CheckPartitionCounts();
  void CheckOutOfRange();
  void ShowOffsets();
  void CountParked();
  void Publish();

  const ConsumerOptions& options_;
  Projection& projection_;
  metrics::Registry& registry_;
  const Clock& clock_;
  ConsumerMetrics metrics_;
  std::unique_ptr<pg::Connection> connection_;
  std::unique_ptr<kafka::Admin> admin_;
  std::unique_ptr<kafka::Consumer> kafka_;
  absl::Status failed_;   // not OK: kafka_ is to be replaced
  int64_t made_at_ = 0;   // when kafka_ was
  Backoff replace_wait_;  // before another one is made
  const std::atomic<bool>* stopping_ = nullptr;

  std::map<store::PartitionKey, Assigned> assigned_;
  std::set<std::string> halted_topics_;         // their partition count changed
  std::set<store::PartitionKey> out_of_range_;  // to be looked at
  std::set<store::PartitionKey> reload_;        // to be read again from the database
  std::set<std::string> waiting_;               // aggregates whose gap closed
  // Polled, not yet applied. Bounded: new records are polled only when it is empty or fetching is paused.
  std::deque<Received> backlog_;

  int batch_limit_;
  int singles_left_ = 0;             // records to be applied one by one, to find the one at fault
  int attempts_ = 0;                 // of the first record
  std::optional<Decision> instead_;  // what the first record is parked as
  Backoff backoff_;

  int64_t ends_at_ = 0, partitions_at_ = 0, display_at_ = 0, parked_at_ = 0;  // next time of each

  mutable std::mutex mutex_;
  std::vector<Consumer::InputStatus> status_;
};

}  // namespace steward::eventing
