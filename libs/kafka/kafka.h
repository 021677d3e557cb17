#pragma once
// librdkafka behind two classes and an admin. Settings of performance 2.4 and 2.5 and of reliability 5.1 are fixed here and
// asserted against the effective configuration at start.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/metrics/registry.h"

namespace steward::kafka {

struct Options {
  std::string bootstrap_servers;
  std::string client_id;
  std::map<std::string, std::string> extra;  // TLS settings; unknown keys are errors
};

struct Message {
  std::string topic;
  std::string key;
  std::string value;
  std::vector<std::pair<const char*, std::string>> headers;  // names are literals
};

// Idempotent, gapless, one at a time per relay. Not thread-safe. Any failed delivery is final for this object:
// destroy it, build another and start again at the cursor.
class Producer {
 public:
  static absl::StatusOr<std::unique_ptr<Producer>> Create(const Options& options,
                                                          metrics::Registry* registry);
  ~Producer();
  // Hands the messages over, waits for every delivery report. OK only when all were acknowledged; else the first
  // failure. `offsets` (optional): the highest acknowledged offset per (topic, partition), plus one.
  [[nodiscard]] absl::Status SendAll(
      const std::vector<Message>& messages, Duration timeout,
      std::map<std::pair<std::string, int>, int64_t>* offsets = nullptr);
  // Several pages may be on their way: Start returns at once, Await waits for the oldest started page. DEADLINE_EXCEEDED
  // from Await is no failure: the page is still on its way, ask again.
  [[nodiscard]] absl::Status Start(std::vector<Message> messages);
  [[nodiscard]] absl::Status Await(
      Duration timeout, std::map<std::pair<std::string, int>, int64_t>* offsets = nullptr);
  // Adds 1 to an eventfd when delivery reports are there for Await to read.
  void WakeBy(int event_fd);
  int64_t QueueLength() const;

 private:
  struct Impl;
  explicit Producer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct Record {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
  Time timestamp;
  std::optional<std::string> key;
  std::string value;
  bool tombstone = false;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Group membership without committing: offsets live in the database. Not thread-safe: one owner thread.
class Consumer {
 public:
  struct Callbacks {
    // Partitions gained: the offset to start at (the caller reads it from its database); nullopt = the beginning.
    std::function<absl::StatusOr<std::optional<int64_t>>(const std::string& topic,
                                                         int32_t partition)>
        start_at;
    std::function<void(const std::string& topic, int32_t partition)> revoked;
  };
  static absl::StatusOr<std::unique_ptr<Consumer>> Create(
      const Options& options, const std::string& group, const std::vector<std::string>& topics,
      Callbacks callbacks, metrics::Registry* registry, const std::string& static_name = "");
  ~Consumer();
  // Up to `max` records, waiting at most `wait` for the first and 10 ms for more. An offset out of range is
  // OUT_OF_RANGE (the stored offset is no longer in the log); a lost broker is not an error, just no records. ABORTED is
  // final for this object, with reason CONSUMER_FENCED (to the broker another member has `static_name`) or
  // CONSUMER_FAILED: every Poll says so at once and `revoked` is not called any more; destroy it, build another.
  [[nodiscard]] absl::StatusOr<std::vector<Record>> Poll(int max, Duration wait);
  // Goes back (or on) to an offset of an assigned partition.
  [[nodiscard]] absl::Status Seek(const std::string& topic, int32_t partition, int64_t offset);
  // Stops fetching (the database is away) and goes on; keep polling meanwhile.
  void Pause();
  void Resume();
  struct Position {
    std::string topic;
    int32_t partition;
    int64_t next;  // next offset to be returned by Poll; -1 = not known
    int64_t end;   // high watermark as of the last fetch; -1 = not known
    int64_t
        end_confirmed_micros;  // CLOCK_MONOTONIC when the broker last confirmed the end; 0 = never
  };
  std::vector<Position> Positions();
  // Asks the broker for the end of every assigned partition, at most `timeout`; updates Positions.
  [[nodiscard]] absl::Status RefreshEnds(Duration timeout);
  // For lag displays only; never read back.
  void CommitForDisplay(const std::string& topic, int32_t partition, int64_t next_offset);

 private:
  struct Impl;
  explicit Consumer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Broker metadata and topic creation.
class Admin {
 public:
  static absl::StatusOr<std::unique_ptr<Admin>> Create(const Options& options);
  ~Admin();
  absl::StatusOr<std::string> ClusterId(Duration timeout);
  // Partition counts by topic; a missing topic is absent.
  absl::StatusOr<std::map<std::string, int>> Partitions(const std::vector<std::string>& topics,
                                                        Duration timeout);
  // ALREADY_EXISTS is success when the partition count fits.
  absl::Status CreateTopic(const std::string& topic, int partitions, int replication,
                           const std::map<std::string, std::string>& settings, Duration timeout);
  // Begin and end offset of every partition.
  absl::StatusOr<std::map<int, std::pair<int64_t, int64_t>>> Offsets(const std::string& topic,
                                                                     Duration timeout);
  // The last record of a partition below `end`; nullopt = the partition is empty.
  absl::StatusOr<std::optional<Record>> ReadLast(const std::string& topic, int partition,
                                                 Duration timeout);

 private:
  struct Impl;
  explicit Admin(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// murmur2 of the key modulo partitions, as Java clients and murmur2_random do it.
int PartitionOf(std::string_view key, int partitions);

}  // namespace steward::kafka
