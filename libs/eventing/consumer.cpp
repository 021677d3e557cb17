#include "libs/eventing/consumer.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "libs/base/backoff.h"
#include "libs/base/status.h"
#include "libs/eventing/batch.h"
#include "libs/eventing/consumer_loop.h"
#include "libs/eventing/operations.h"
#include "libs/log/log.h"
#include "libs/runtime/failpoint.h"
#include "libs/runtime/lifecycle.h"

namespace steward::eventing {
namespace {

constexpr int kAttempts = 5;
constexpr int kReleasesAtOnce = 50;
constexpr int64_t kMinLocks = 1024;
constexpr pg::Statement kMaxLocks = {
    "consumer_max_locks", "SELECT current_setting('max_locks_per_transaction')::bigint"};
constexpr Duration kPollWait = Milliseconds(100);

enum class Fault { kNone, kMoved, kAway, kBusy, kRefused, kOther };

// What a failed batch means. Contention and a database that is away never park anything.
Fault FaultOf(const absl::Status& status, const pg::Connection& connection) {
  if (status.ok()) {
    return Fault::kNone;
  }
  if (!connection.healthy()) {
    return Fault::kAway;
  }
  switch (status.code()) {
    case absl::StatusCode::kAborted:
      return ReasonOf(status) == "OFFSET_MOVED" ? Fault::kMoved : Fault::kBusy;
    case absl::StatusCode::kResourceExhausted:
      return Fault::kBusy;
    case absl::StatusCode::kUnavailable:
      return Fault::kAway;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return Fault::kRefused;
    default:
      return Fault::kOther;
  }
}

}  // namespace

ConsumerLoop::ConsumerLoop(const ConsumerOptions& options, Projection& projection,
                           metrics::Registry& registry, const Clock& clock)
    : options_(options), projection_(projection), registry_(registry), clock_(clock),
      metrics_(registry, options), batch_limit_(options.max_batch),
      backoff_(Milliseconds(100), Seconds(5), static_cast<uint64_t>(MonotonicMicros())) {}

void ConsumerLoop::Run(const std::atomic<bool>& stopping) {
  stopping_ = &stopping;
  while (!stopping) {
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
  auto made = kafka::Consumer::Create(
      options_.kafka, options_.group, topics,
      {.start_at = [this](const std::string& topic, int32_t p) { return StartAt({topic, p}); },
       .revoked = [this](const std::string& topic, int32_t p) { Revoked({topic, p}); }},
      &registry_, options_.static_name);
  if (!made.ok()) {
    log::Error("kafka settings are refused", {{"error", FromAbsl(made.status().message())}});
    return false;
  }
  kafka_ = *std::move(made);
  return true;
}

// Records that an older version could not read, and gaps that closed while nothing ran (H19).
void ConsumerLoop::WhatIsUnderstoodNow() {
  for (const std::string_view why :
       {reason::kUnknownType, reason::kSchemaTooNew, reason::kGap, reason::kBehind}) {
    auto released = ReleaseParked(*connection_, options_, projection_,
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
  return it == assigned_.end() || !it->second.halted.empty() ||
         halted_topics_.contains(key.first);
}

void ConsumerLoop::PollInto(int max, Duration wait) {
  auto records = kafka_->Poll(max, wait);
  if (!records.ok()) {
    if (const auto refusal = RefusalOf(records.status());
        refusal && refusal->reason == "OFFSET_OUT_OF_RANGE") {
      out_of_range_.insert(
          {refusal->metadata[0].second, std::atoi(refusal->metadata[1].second.c_str())});
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
    if (kafka_ != nullptr) {
      PollInto(options_.max_batch, std::min(kPollWait, Microseconds(until - MonotonicMicros())));
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

Batch ConsumerLoop::NextBatch() const {
  const bool alone = singles_left_ > 0 || attempts_ > 0 || instead_.has_value();
  const int size = alone ? 1 : std::min<int>(batch_limit_, static_cast<int>(backlog_.size()));
  Batch batch;
  std::map<store::PartitionKey, int64_t> next;
  for (int i = 0; i < size; ++i) {
    const Received& received = backlog_[static_cast<size_t>(i)];
    batch.records.push_back(&received);
    next[{received.record.topic, received.record.partition}] = received.record.offset + 1;
  }
  for (const auto& [key, offset] : next) {
    batch.moves.push_back({key, assigned_.at(key).stored, offset});
  }
  return batch;
}

void ConsumerLoop::Step() {
  Batch batch = NextBatch();
  batch.instead = instead_;
  batch.attempts = std::max(attempts_, 1);
  BatchOutcome outcome;
  const int64_t begin = MonotonicMicros();
  absl::Status status =
      ApplyBatch(*connection_, options_.group, batch, projection_, &outcome);
  if (status.ok()) {
    status = runtime::Failpoint("consumer.after_commit");
  }
  if (status.ok()) {
    Done(batch, outcome, Microseconds(MonotonicMicros() - begin));
  } else {
    Failed(batch, outcome, status);
  }
}

void ConsumerLoop::Done(const Batch& batch, const BatchOutcome& outcome, Duration took) {
  metrics_.Count(batch, outcome, took, clock_.Now());
  if (!outcome.applied.empty()) {
    projection_.Applied(outcome.applied);
  }
  for (const store::Move& move : batch.moves) {
    assigned_[move.partition].stored = move.next;
  }
  waiting_.insert(outcome.plan.release.begin(), outcome.plan.release.end());
  for (size_t i = 0; i < outcome.plan.decisions.size(); ++i) {
    const Decision& decision = outcome.plan.decisions[i];
    if (decision.verdict == Verdict::kPark) {
      const Received& received = *batch.records[i];
      log::Warning("record parked", {{"topic", received.record.topic},
                                     {"partition", received.record.partition},
                                     {"offset", received.record.offset},
                                     {"reason", decision.reason}});
    }
  }
  backlog_.erase(backlog_.begin(),
                 backlog_.begin() + static_cast<std::ptrdiff_t>(batch.records.size()));
  singles_left_ = std::max(singles_left_ - 1, 0);
  batch_limit_ = std::min(batch_limit_ * 2, options_.max_batch);
  attempts_ = 0;
  instead_.reset();
  backoff_.Reset();
}

void ConsumerLoop::Failed(const Batch& batch, const BatchOutcome& outcome,
                          const absl::Status& status) {
  const int size = static_cast<int>(batch.records.size());
  const std::string text(FromAbsl(status.message()));
  switch (FaultOf(status, *connection_)) {
    case Fault::kNone:
      return;
    case Fault::kMoved:
      Reload(outcome.lost);
      return;
    case Fault::kAway:
      log::Warning("batch waits for the database", {{"records", size}, {"error", text}});
      WaitPolling(backoff_.Next());
      return;
    case Fault::kBusy:
      batch_limit_ = std::max(size / 2, 1);  // H8: a smaller batch meets fewer locks
      WaitPolling(backoff_.Next());
      return;
    case Fault::kRefused:
      if (size > 1) {
        singles_left_ = size;
      } else {
        instead_ = Decision{Verdict::kPark, reason::kRefused, text};
        attempts_ = std::max(attempts_, 1);
      }
      return;
    case Fault::kOther:
      if (size > 1) {
        singles_left_ = size;
      } else if (++attempts_ >= kAttempts) {
        instead_ = Decision{Verdict::kPark, reason::kAttemptsExhausted, text};
      }
      log::Warning("batch failed", {{"records", size}, {"error", text}});
      WaitPolling(backoff_.Next());
      return;
  }
}

// The database decides where these partitions stand: what we hold of them is worth nothing.
void ConsumerLoop::Reload(const std::vector<store::PartitionKey>& lost) {
  for (const store::PartitionKey& key : lost) {
    DropBacklog(key);
    auto stored = store::ReadOffset(*connection_, options_.group, key);
    if (!stored.ok() || !*stored) {
      log::Warning("offset cannot be read again", {{"topic", key.first}, {"partition", key.second}});
      if (auto it = assigned_.find(key); it != assigned_.end()) {
        reload_.insert(key);
      }
      continue;
    }
    reload_.erase(key);
    auto it = assigned_.find(key);
    if (it == assigned_.end()) {
      continue;
    }
    it->second.stored = **stored;
    it->second.polled = **stored;
    const absl::Status sought = kafka_->Seek(key.first, key.second, **stored);
    log::Warning("reading on at the stored offset", {{"topic", key.first},
                                                     {"partition", key.second},
                                                     {"offset", **stored},
                                                     {"ok", sought.ok()}});
    if (!sought.ok()) {
      reload_.insert(key);
    }
  }
}

bool ConsumerLoop::ReleaseWaiting() {
  // Not all at once: in between the member must poll.
  for (int i = 0; i < kReleasesAtOnce && !waiting_.empty(); ++i) {
    auto released = ReleaseParked(
        *connection_, options_, projection_,
        {.ids = {}, .key = *waiting_.begin(), .reason = "", .dry_run = false});
    if (!released.ok()) {
      WaitPolling(backoff_.Next());
      return false;
    }
    waiting_.erase(waiting_.begin());
  }
  return true;
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
