#include "libs/eventing/consumer_metrics.h"

#include <algorithm>
#include <set>

namespace steward::eventing {
namespace {

constexpr char kLagName[] = "steward_kafka_consumer_lag_records";
constexpr char kLagHelp[] = "Records between the applied offset and the end of the partition.";

}  // namespace

ConsumerMetrics::ConsumerMetrics(metrics::Registry& registry, const ConsumerOptions& options)
    : registry_(registry), group_(options.group) {
  for (const char* why : {kFailedFenced, kFailedOther}) {
    failures_[why] = registry.GetCounter("steward_consumer_failures_total",
                                         "Members of the group that failed and were replaced.",
                                         {{"consumer_group", group_}, {"reason", why}});
  }
  for (const Input& input : options.inputs) {
    Topic& topic = topics_[input.topic];
    const metrics::Labels labels = {{"topic", input.topic}, {"consumer_group", group_}};
    const auto with = [&](const char* name, const std::string& value) {
      metrics::Labels all = labels;
      all[name] = value;
      return all;
    };
    std::vector<std::string> types = EventNames(*input.prototype);
    types.emplace_back("unknown");
    for (const std::string& type : types) {
      metrics::Labels all = with("event_type", type);
      size_t i = 0;
      for (const char* result : {"applied", "repeated", "parked"}) {
        all["result"] = result;
        topic.consumed[type][i++] = registry.GetCounter(
            "steward_events_consumed_total", "Events read, by what became of them.", all);
      }
    }
    for (const std::string& why : ParkReasons()) {
      topic.parked[why] = registry.GetCounter("steward_events_parked_total", "Records parked.",
                                              with("reason", why));
    }
    topic.processing =
        registry.GetHistogram("steward_event_processing_seconds", "One batch transaction.", labels,
                              metrics::LatencyBuckets());
    topic.delay =
        registry.GetHistogram("steward_event_delivery_delay_seconds",
                              "Effect committed minus recorded.", labels, metrics::DelayBuckets());
    topic.parked_now = registry.GetGauge("steward_parked_records", "Records parked now.", labels);
    topic.parked_age = registry.GetGauge("steward_parked_oldest_age_seconds",
                                         "Age of the oldest record parked now.", labels);
    for (const char* why : {kHaltedOffset, kHaltedPartitions}) {
      topic.halted[why] = registry.GetGauge("steward_consumer_halted",
                                            "1 while the input stands still.", with("reason", why));
      topic.halted[why].Set(0);
    }
    topic.parked_now.Set(0);
    topic.parked_age.Set(0);
  }
}

void ConsumerMetrics::Count(const Batch& batch, const BatchOutcome& outcome, Duration took,
                            Time now) {
  std::set<std::string> seen;
  for (size_t i = 0; i < outcome.plan.decisions.size(); ++i) {
    const Decision& decision = outcome.plan.decisions[i];
    const Event& event = batch.records[i]->decoded.event;
    auto topic = topics_.find(batch.records[i]->record.topic);
    if (topic == topics_.end()) {
      continue;
    }
    auto counters = topic->second.consumed.find(event.type);
    if (counters == topic->second.consumed.end()) {
      counters = topic->second.consumed.find("unknown");
    }
    counters->second[static_cast<size_t>(decision.verdict)].Add();
    if (decision.verdict == Verdict::kPark) {
      topic->second.parked.find(decision.reason)->second.Add();
    }
    if (decision.verdict == Verdict::kApply) {
      const int64_t delay = std::max<int64_t>((now - event.recorded_at).micros, 0);
      topic->second.delay.Observe(static_cast<double>(delay) / 1e6);
    }
    if (seen.insert(topic->first).second) {
      topic->second.processing.Observe(static_cast<double>(took.micros) / 1e6);
    }
  }
}

metrics::Labels ConsumerMetrics::LagLabels(const store::PartitionKey& partition) const {
  return {{"topic", partition.first},
          {"partition", std::to_string(partition.second)},
          {"consumer_group", group_}};
}

void ConsumerMetrics::SetLag(const store::PartitionKey& partition, int64_t lag) {
  registry_.GetGauge(kLagName, kLagHelp, LagLabels(partition)).Set(static_cast<double>(lag));
}

void ConsumerMetrics::RemoveLag(const store::PartitionKey& partition) {
  registry_.RemoveGauge(kLagName, LagLabels(partition));
}

void ConsumerMetrics::SetHalted(const std::string& topic, const std::string& reason, bool halted) {
  if (auto it = topics_.find(topic); it != topics_.end()) {
    it->second.halted[reason].Set(halted ? 1 : 0);
  }
}

void ConsumerMetrics::CountFailure(const std::string& reason) { failures_.at(reason).Add(); }

void ConsumerMetrics::SetParked(const std::string& topic, int64_t count,
                                double oldest_age_seconds) {
  if (auto it = topics_.find(topic); it != topics_.end()) {
    it->second.parked_now.Set(static_cast<double>(count));
    it->second.parked_age.Set(oldest_age_seconds);
  }
}

}  // namespace steward::eventing
