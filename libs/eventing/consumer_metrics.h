#pragma once
// Internal: the consumer's metrics, created with 0 for every known label value.

#include <array>
#include <map>
#include <string>
#include <vector>

#include "libs/eventing/batch.h"
#include "libs/eventing/consumer.h"
#include "libs/metrics/registry.h"

namespace steward::eventing {

// Why an input stands still: a closed set, also a metric's label and the row's text.
inline constexpr const char* kHaltedOffset = "offset_out_of_range";
inline constexpr const char* kHaltedPartitions = "partition_count";
// Why the group's member is given up and another one built.
inline constexpr const char* kFailedFenced = "fenced";
inline constexpr const char* kFailedOther = "other";

class ConsumerMetrics {
 public:
  ConsumerMetrics(metrics::Registry& registry, const ConsumerOptions& options);

  // After the commit of a batch.
  void Count(const Batch& batch, const BatchOutcome& outcome, Duration took, Time now);
  void SetLag(const store::PartitionKey& partition, int64_t lag);
  void RemoveLag(const store::PartitionKey& partition);
  void SetHalted(const std::string& topic, const std::string& reason, bool halted);
  void CountFailure(const std::string& reason);
  void SetParked(const std::string& topic, int64_t count, double oldest_age_seconds);

 private:
  using ByVerdict = std::array<metrics::Counter, 3>;
  struct Topic {
    std::map<std::string, ByVerdict> consumed;  // by event type; "unknown" for the rest
    std::map<std::string, metrics::Counter, std::less<>> parked;  // by reason
    metrics::Histogram processing, delay;
    metrics::Gauge parked_now, parked_age;
    std::map<std::string, metrics::Gauge> halted;
  };
  metrics::Labels LagLabels(const store::PartitionKey& partition) const;

  metrics::Registry& registry_;
  std::string group_;
  std::map<std::string, Topic> topics_;
  std::map<std::string, metrics::Counter> failures_;  // by reason
};

}  // namespace steward::eventing
