#include "libs/eventing/consumer.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "libs/base/backoff.h"
#include "libs/base/status.h"
#include "libs/eventing/consumer_loop.h"
#include "libs/eventing/operations.h"
#include "libs/log/log.h"
#include "libs/runtime/lifecycle.h"

namespace steward::eventing {
namespace {

constexpr int64_t kMinLocks = 1024;
constexpr pg::Statement kMaxLocks = {"consumer_max_locks",
                                     "SELECT current_setting('max_locks_per_transaction')::bigint"};
constexpr Duration kPollWait = Milliseconds(100);
// Two processes under one name fence each other: each keeps what it took for a while. Longer than the longest wait is the
// time after which a failure counts as the first again.
constexpr Duration kFirstReplaceWait = Seconds(4);
constexpr Duration kMaxReplaceWait = Seconds(30);
constexpr Duration kLasted = Seconds(60);

}  // namespace

ConsumerLoop::ConsumerLoop(const ConsumerOptions& options, Projection& projection,
                           metrics::Registry& registry, const Clock& clock)
    : options_(options),
      projection_(projection),
      registry_(registry),
      clock_(clock),
      metrics_(registry, options),
      replace_wait_(kFirstReplaceWait, kMaxReplaceWait, static_cast<uint64_t>(MonotonicMicros())),
      batch_limit_(options.max_batch),
      backoff_(Milliseconds(100), Seconds(5), static_cast<uint64_t>(MonotonicMicros())) {}

void ConsumerLoop::Run(const std::atomic<bool>& stopping) {
  stopping_ = &stopping;
  while (!stopping) {
    if (!failed_.ok()) {
      ReplaceKafka();
    }
    if (!EnsureDatabase() || !EnsureKafka()) {
      WaitPolling(backoff_.Next());
      continue;
    }
    Tick();
    if (!ReleaseWaiting()) {
      continue;
    }
    if (backlog_.empty()) {
      kafka_->Resume();
      PollInto(options_.max_batch, kPollWait);
    } else {
      Step();
    }
  }
  kafka_.reset();
  Publish();
}

bool ConsumerLoop::EnsureDatabase() {
  if (connection_ != nullptr && connection_->healthy()) {
    return true;
  }
  auto opened = pg::Connection::Open(options_.pg, &registry_);
  if (!opened.ok()) {
    log::Warning("consumer has no database", {{"error", FromAbsl(opened.status().message())}});
    return false;
  }
  connection_ = *std::move(opened);
  // A batch takes a lock a record; the lock table is shared by the whole cluster (H8).
  if (auto locks = connection_->Run(kMaxLocks); locks.ok() && locks->Int(0, 0) < kMinLocks) {
    log::Error("max_locks_per_transaction is too low: batches will shrink",
               {{"is", locks->Int(0, 0)}, {"needed", kMinLocks}});
  }
  return true;
}

bool ConsumerLoop::EnsureKafka() {
  if (kafka_ != nullptr) {
    return true;
  }
  if (admin_ == nullptr) {
    auto made = kafka::Admin::Create(options_.kafka);
    if (!made.ok()) {
      log::Error("kafka settings are refused", {{"error", FromAbsl(made.status().message())}});
      return false;
    }
    admin_ = *std::move(made);
  }
  std::vector<std::string> topics;
  for (const Input& input : options_.inputs) {
    topics.push_back(input.topic);
  }
  CheckPartitionCounts();
  WhatIsUnderstoodNow();
  auto made = kafka::Consumer::Create(options_.kafka, options_.group, topics,
                                      {.start_at =
                                           [this](const std::string& topic, int32_t p) {
                                             return StartAt({topic, p});
                                           },
                                       .revoked =
                                           [this](const std::string& topic, int32_t p) {
                                             Revoked({topic, p});
                                           }},
                                      &registry_, options_.static_name);
  if (!made.ok()) {
    log::Error("kafka settings are refused", {{"error", FromAbsl(made.status().message())}});
    return false;
  }
  kafka_ = *std::move(made);
  made_at_ = MonotonicMicros();
  return true;
}

// What the failed consumer held is dropped: the database says where the next one goes on.
void ConsumerLoop::ReplaceKafka() {
  if (MonotonicMicros() - made_at_ > kLasted.micros) {
    replace_wait_.Reset();
  }
  const Duration wait = replace_wait_.Next();
  const bool fenced = ReasonOf(failed_) == "CONSUMER_FENCED";
  metrics_.CountFailure(fenced ? kFailedFenced : kFailedOther);
  // After a session that ended while Kafka was away, librdkafka 2.0.2 speaks without its member id once more, and the
  // broker fences it for that: the first time says little.
  log::Warning(fenced ? "consumer was fenced and is built anew: once is what an outage of Kafka "
                        "does; if it goes on, two processes have one kafka_member_name"
                      : "consumer failed and is built anew",
               {{"group", options_.group},
                {"kafka_member_name", options_.static_name},
                {"error", FromAbsl(failed_.message())},
                {"in_ms", wait.micros / 1000}});
  kafka_.reset();
  failed_ = absl::OkStatus();
  while (!assigned_.empty()) {
    Revoked(store::PartitionKey(assigned_.begin()->first));
  }
  Publish();
  WaitPolling(wait);
}

// Records that an older version could not read, and gaps that closed while nothing ran (H19).
void ConsumerLoop::WhatIsUnderstoodNow() {
  for (const std::string_view why :
       {reason::kUnknownType, reason::kSchemaTooNew, reason::kGap, reason::kBehind}) {
    auto released =
        ReleaseParked(*connection_, options_, projection_,
                      {.ids = {}, .key = "", .reason = std::string(why), .dry_run = false});
    if (!released.ok()) {
      log::Warning("parked records stay for now",
                   {{"error", FromAbsl(released.status().message())}});
      return;
    }
  }
}

absl::StatusOr<std::optional<int64_t>> ConsumerLoop::StartAt(const store::PartitionKey& key) {
  if (connection_ == nullptr || !connection_->healthy()) {
    return absl::UnavailableError("the database is away");
  }
  ASSIGN_OR_RETURN(std::optional<int64_t> stored,
                   store::ReadOffset(*connection_, options_.group, key));
  if (!stored) {
    ASSIGN_OR_RETURN(const auto ranges, admin_->Offsets(key.first, Seconds(5)));
    const auto range = ranges.find(key.second);
    if (range == ranges.end()) {
      return absl::UnavailableError("the broker does not know the partition yet");
    }
    RETURN_IF_ERROR(store::MakeOffset(*connection_, options_.group, key, range->second.first));
    ASSIGN_OR_RETURN(stored, store::ReadOffset(*connection_, options_.group, key));
  }
  Assigned& assigned = assigned_[key];
  assigned.stored = *stored;
  assigned.polled = *stored;
  reload_.erase(key);
  out_of_range_.erase(key);
  DropBacklog(key);
  return stored;
}

void ConsumerLoop::Revoked(const store::PartitionKey& key) {
  if (const auto it = assigned_.find(key); it != assigned_.end() && !it->second.halted.empty()) {
    metrics_.SetHalted(key.first, kHaltedOffset, false);
  }
  assigned_.erase(key);
  metrics_.RemoveLag(key);
  DropBacklog(key);
}

void ConsumerLoop::DropBacklog(const store::PartitionKey& key) {
  std::erase_if(backlog_, [&](const Received& received) {
    return received.record.topic == key.first && received.record.partition == key.second;
  });
  singles_left_ = std::min<int>(singles_left_, static_cast<int>(backlog_.size()));
  attempts_ = 0;
  instead_.reset();
}

bool ConsumerLoop::Halted(const store::PartitionKey& key) const {
  const auto it = assigned_.find(key);
  // Until its offset was read again, records of it could only leave a hole.
  return it == assigned_.end() || !it->second.halted.empty() ||
         halted_topics_.contains(key.first) || reload_.contains(key) || out_of_range_.contains(key);
}

void ConsumerLoop::PollInto(int max, Duration wait) {
  auto records = kafka_->Poll(max, wait);
  if (!records.ok()) {
    if (const auto refusal = RefusalOf(records.status());
        refusal && refusal->reason == "OFFSET_OUT_OF_RANGE") {
      out_of_range_.insert(
          {refusal->metadata[0].second, std::atoi(refusal->metadata[1].second.c_str())});
    } else if (absl::IsAborted(records.status())) {
      failed_ = records.status();
    }
    return;
  }
  for (kafka::Record& record : *records) {
    const store::PartitionKey key{record.topic, record.partition};
    if (Halted(key) || record.offset < assigned_[key].polled) {
      continue;
    }
    assigned_[key].polled = record.offset + 1;
    for (const Input& input : options_.inputs) {
      if (input.topic == record.topic) {
        Decoded decoded = Decode(record, *input.prototype);
        backlog_.push_back({std::move(record), std::move(decoded)});
        break;
      }
    }
  }
}

// Keeps polling, so that the group does not think the member is gone; nothing new is fetched.
void ConsumerLoop::WaitPolling(Duration wait) {
  const int64_t until = MonotonicMicros() + wait.micros;
  if (kafka_ != nullptr) {
    kafka_->Pause();
  }
  while (!*stopping_ && MonotonicMicros() < until) {
    if (kafka_ != nullptr && failed_.ok()) {
      PollInto(options_.max_batch, std::min(kPollWait, Microseconds(until - MonotonicMicros())));
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

struct Consumer::Impl {
  Impl(ConsumerOptions o, Projection& projection, metrics::Registry& registry, const Clock& clock)
      : options(std::move(o)), loop(options, projection, registry, clock) {}
  ConsumerOptions options;
  ConsumerLoop loop;
  std::atomic<bool> stopping{false};
  std::thread thread;
};

Consumer::Consumer(ConsumerOptions options, Projection& projection, metrics::Registry& registry,
                   const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), projection, registry, clock)) {}

Consumer::~Consumer() { Stop(); }

void Consumer::Start() {
  impl_->thread = std::thread([this] {
    runtime::NameThread("consumer");
    impl_->loop.Run(impl_->stopping);
  });
}

void Consumer::Stop() {
  impl_->stopping = true;
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

std::vector<Consumer::InputStatus> Consumer::status() const { return impl_->loop.status(); }

}  // namespace steward::eventing
