#include <algorithm>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/eventing/consumer_loop.h"
#include "libs/log/log.h"

namespace steward::eventing {
namespace {

// CheckInputs wants an end that was confirmed within 2 s.
constexpr Duration kEndsEvery = Milliseconds(700);
constexpr Duration kEndsTimeout = Milliseconds(500);
constexpr Duration kPartitionsEvery = Seconds(30);
constexpr Duration kDisplayEvery = Seconds(5);
constexpr Duration kParkedEvery = Seconds(3);
constexpr Duration kAdminTimeout = Seconds(2);

constexpr pg::Statement kParked = {
    "parked_record_count",
    "SELECT p.topic, count(*), "
    "extract(epoch FROM clock_timestamp() - min(p.first_failure_time))::double precision "
    "FROM parked_record p WHERE p.consumer_group = $1 AND p.state = 'parked' GROUP BY p.topic"};

bool Due(int64_t& next, Duration every) {
  const int64_t now = MonotonicMicros();
  if (now < next) {
    return false;
  }
  next = now + every.micros;
  return true;
}

}  // namespace

void ConsumerLoop::Tick() {
  if (Due(partitions_at_, kPartitionsEvery)) {
    CheckPartitionCounts();
  }
  if (Due(ends_at_, kEndsEvery)) {
    CheckOutOfRange();
    if (!reload_.empty()) {
      Reload({reload_.begin(), reload_.end()});
    }
    SaveEnds();
    Publish();
  }
  if (Due(display_at_, kDisplayEvery)) {
    ShowOffsets();
  }
  if (Due(parked_at_, kParkedEvery)) {
    CountParked();
  }
}

void ConsumerLoop::SaveEnds() {
  const absl::Status refreshed = kafka_->RefreshEnds(kEndsTimeout);
  if (!refreshed.ok()) {
    log::Debug("ends are not confirmed", {{"error", FromAbsl(refreshed.message())}});
  }
  std::vector<store::End> ends;
  const int64_t now = MonotonicMicros();
  for (const auto& position : kafka_->Positions()) {
    const store::PartitionKey key{position.topic, position.partition};
    const auto it = assigned_.find(key);
    if (it == assigned_.end() || position.end_confirmed_micros == 0) {
      continue;
    }
    const std::string halted =
        halted_topics_.contains(key.first) ? kHaltedPartitions : it->second.halted;
    ends.push_back({key, position.end, now - position.end_confirmed_micros, halted});
    metrics_.SetLag(key, std::max<int64_t>(position.end - it->second.stored, 0));
  }
  if (absl::Status saved = store::SaveEnds(*connection_, options_.group, ends); !saved.ok()) {
    log::Warning("ends are not saved", {{"error", FromAbsl(saved.message())}});
  }
}

// A key's partition is its order: a topic whose count changed is not read any further.
void ConsumerLoop::CheckPartitionCounts() {
  std::vector<std::string> topics;
  for (const Input& input : options_.inputs) {
    topics.push_back(input.topic);
  }
  auto counts = admin_->Partitions(topics, kAdminTimeout);
  if (!counts.ok()) {
    return;
  }
  for (const Input& input : options_.inputs) {
    const auto found = counts->find(input.topic);
    if (found == counts->end()) {
      continue;
    }
    const bool differs = found->second != input.partitions;
    if (differs == halted_topics_.contains(input.topic)) {
      continue;
    }
    metrics_.SetHalted(input.topic, kHaltedPartitions, differs);
    if (differs) {
      halted_topics_.insert(input.topic);
      log::Error(
          "partition count changed; the input stands still",
          {{"topic", input.topic}, {"expected", input.partitions}, {"found", found->second}});
    } else {
      halted_topics_.erase(input.topic);
    }
    for (const auto& [key, assigned] : assigned_) {
      if (key.first == input.topic) {
        DropBacklog(key);
        reload_.insert(key);
      }
    }
  }
}

// Below the log's begin: records are lost for us, an incident, never jumped. Above its end: Kafka lost its tail
// (H16); going back is harmless, since what is read again is a repeat.
void ConsumerLoop::CheckOutOfRange() {
  const std::set<store::PartitionKey> found = out_of_range_;
  for (const store::PartitionKey& key : found) {
    const auto it = assigned_.find(key);
    if (it == assigned_.end()) {
      out_of_range_.erase(key);
      continue;
    }
    auto ranges = admin_->Offsets(key.first, kAdminTimeout);
    if (!ranges.ok() || !ranges->contains(key.second)) {
      continue;
    }
    out_of_range_.erase(key);
    const auto [begin, end] = (*ranges)[key.second];
    DropBacklog(key);
    if (it->second.stored > end) {
      auto clamped = store::ClampOffset(*connection_, options_.group, key, it->second.stored, end);
      log::Warning("the log is shorter than what was read; going back to its end",
                   {{"topic", key.first},
                    {"partition", key.second},
                    {"stored", it->second.stored},
                    {"end", end}});
      if (!clamped.ok()) {
        out_of_range_.insert(key);
        continue;
      }
      reload_.insert(key);
    } else if (it->second.stored < begin) {
      it->second.halted = kHaltedOffset;
      metrics_.SetHalted(key.first, kHaltedOffset, true);
      log::Error("records were deleted before they were read; the input stands still",
                 {{"topic", key.first},
                  {"partition", key.second},
                  {"stored", it->second.stored},
                  {"begin", begin}});
    } else {
      reload_.insert(key);  // in range again
    }
  }
}

void ConsumerLoop::ShowOffsets() {
  for (auto& [key, assigned] : assigned_) {
    if (assigned.stored != assigned.shown) {
      kafka_->CommitForDisplay(key.first, key.second, assigned.stored);
      assigned.shown = assigned.stored;
    }
  }
}

void ConsumerLoop::CountParked() {
  auto counts = connection_->Run(kParked, pg::Params().Add(options_.group));
  if (!counts.ok()) {
    return;
  }
  for (const Input& input : options_.inputs) {
    int64_t count = 0;
    double age = 0;
    for (int i = 0; i < counts->rows(); ++i) {
      if (counts->Text(i, 0) == input.topic) {
        count = counts->Int(i, 1);
        age = counts->Double(i, 2);
      }
    }
    metrics_.SetParked(input.topic, count, age);
  }
}

void ConsumerLoop::Publish() {
  std::map<store::PartitionKey, int64_t> ends;
  if (kafka_ != nullptr) {
    for (const auto& position : kafka_->Positions()) {
      ends[{position.topic, position.partition}] = position.end;
    }
  }
  std::vector<Consumer::InputStatus> status;
  for (const Input& input : options_.inputs) {
    for (int partition = 0; partition < input.partitions; ++partition) {
      const store::PartitionKey key{input.topic, partition};
      const auto it = assigned_.find(key);
      const bool assigned = it != assigned_.end();
      const auto end = ends.find(key);
      status.push_back({.topic = input.topic,
                        .partition = partition,
                        .next_offset = assigned ? it->second.stored : -1,
                        .end_offset = end == ends.end() ? -1 : end->second,
                        .assigned = assigned,
                        .halted = halted_topics_.contains(input.topic) ? kHaltedPartitions
                                  : assigned                           ? it->second.halted
                                                                       : ""});
    }
  }
  std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

std::vector<Consumer::InputStatus> ConsumerLoop::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace steward::eventing
