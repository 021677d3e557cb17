#include <algorithm>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/eventing/consumer_loop.h"
#include "libs/eventing/operations.h"
#include "libs/log/log.h"
#include "libs/runtime/failpoint.h"

namespace steward::eventing {
namespace {

constexpr int kAttempts = 5;
constexpr int kReleasesAtOnce = 50;

}  // namespace

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
  absl::Status status = ApplyBatch(*connection_, options_.group, batch, projection_, &outcome);
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
  Fault fault = FaultOf(status, connection_->healthy());
  if (fault == Fault::kSlow) {
    fault = size > 1 ? Fault::kBusy : Fault::kOther;
  }
  switch (fault) {
    case Fault::kNone:
    case Fault::kSlow:
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
        if (instead_) {  // not even parking it works: no reason to hurry
          WaitPolling(backoff_.Next());
        }
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
      log::Warning("offset cannot be read again",
                   {{"topic", key.first}, {"partition", key.second}});
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
    auto released =
        ReleaseParked(*connection_, options_, projection_,
                      {.ids = {}, .key = *waiting_.begin(), .reason = "", .dry_run = false});
    if (!released.ok()) {
      WaitPolling(backoff_.Next());
      return false;
    }
    waiting_.erase(waiting_.begin());
  }
  return true;
}

}  // namespace steward::eventing
