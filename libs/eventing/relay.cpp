#include "libs/eventing/relay.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

#include "libs/base/backoff.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/eventing/envelope.h"
#include "libs/eventing/relay_checks.h"
#include "libs/eventing/relay_pace.h"
#include "libs/eventing/relay_session.h"
#include "libs/log/log.h"
#include "libs/runtime/failpoint.h"
#include "libs/runtime/lifecycle.h"
#include "libs/runtime/wakeup.h"

namespace steward::eventing {
namespace {

constexpr Duration kStandbyPoll = Milliseconds(250);
constexpr Duration kSpeakSlice = Milliseconds(300);
constexpr Duration kNoProgress = Seconds(60);
constexpr Duration kPartitionsEvery = Seconds(60);
constexpr Duration kRefusalRetry = Seconds(3);
constexpr Duration kStopLimit = Seconds(5);
constexpr size_t kPagesOut = 2;
constexpr int64_t kPageBytes = 32 << 20;

const char* FailureReason(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kPermissionDenied:
      return "denied";
    case absl::StatusCode::kInvalidArgument:
      return "rejected";
    case absl::StatusCode::kAborted:
      return "fatal";
    case absl::StatusCode::kNotFound:
      return "unknown_topic";
    default:
      return "unavailable";
  }
}

struct Metrics {
  Metrics(metrics::Registry& registry, const std::string& topic)
      : published(registry.GetCounter("steward_outbox_published_total",
                                      "Events acknowledged by Kafka.", {{"topic", topic}})),
        active(registry.GetGauge("steward_outbox_relay_active", "1 where the relay lock is held.")),
        pending(registry.GetGauge("steward_outbox_pending_events",
                                  "Journal rows behind the relay cursor.")),
        oldest(registry.GetGauge("steward_outbox_oldest_pending_age_seconds",
                                 "Age of the oldest journal row behind the cursor.")),
        writer(
            registry.GetGauge("steward_journal_oldest_writer_age_seconds",
                              "Age of the oldest writing transaction; it holds the relay back.")) {
    for (const char* reason : {"denied", "rejected", "fatal", "unknown_topic", "unavailable"}) {
      failures[reason] = registry.GetCounter("steward_outbox_publish_failures_total",
                                             "Failed attempts to publish.",
                                             {{"topic", topic}, {"reason", reason}});
    }
    for (const metrics::Gauge& gauge : {active, pending, oldest, writer}) {
      gauge.Set(0);
    }
  }
  metrics::Counter published;
  std::map<std::string, metrics::Counter, std::less<>> failures;
  metrics::Gauge active, pending, oldest, writer;
};

// A page on its way.
struct Flight {
  Position from, to;
  size_t rows;
};

}  // namespace

struct Relay::Impl {
  Impl(RelayOptions o, metrics::Registry& r)
      : options(std::move(o)),
        registry(r),
        metrics(r, options.topic),
        source{options.service, options.topic, options.data_schema},
        backoff(Milliseconds(100), Seconds(5), static_cast<uint64_t>(MonotonicMicros())) {}

  void Run();
  bool Acquire();
  absl::Status Own();
  absl::Status Publish(kafka::Producer& producer, Position cursor);
  absl::Status SendPage(kafka::Producer& producer);
  absl::Status TakeAcknowledged(kafka::Producer& producer);
  absl::Status CheckPartitionsDue();
  absl::Status ShowBacklog();
  absl::Status WaitSpeaking(Duration wait);
  void Wait(Duration wait);  // a stop ends it
  void SetStatus(bool active, std::string refusal);

  const RelayOptions options;
  metrics::Registry& registry;
  Metrics metrics;
  const Source source;
  Backoff backoff;

  // Thread of the relay only.
  std::unique_ptr<RelaySession> session;
  std::unique_ptr<kafka::Admin> admin;
  std::deque<Flight> flights;
  Position read_at;
  ReadPace pace;
  int64_t bytes_per_row = 1024;
  int64_t progress_at = 0, partitions_at = 0, backlog_at = 0;

  runtime::Wakeup wakeup;  // a poke, a delivery report, a stop
  std::atomic<bool> stopping{false};
  std::atomic<bool> poked{false};
  std::mutex mutex;
  Status status;  // guarded by mutex
  std::thread thread;
};

void Relay::Impl::SetStatus(bool active, std::string refusal) {
  metrics.active.Set(active ? 1 : 0);
  std::lock_guard lock(mutex);
  status = {active, std::move(refusal)};
}

void Relay::Impl::Wait(Duration wait) {
  const int64_t until = MonotonicMicros() + wait.micros;
  for (int64_t now = MonotonicMicros(); !stopping && now < until; now = MonotonicMicros()) {
    wakeup.Wait(Microseconds(until - now));
  }
}

absl::Status Relay::Impl::WaitSpeaking(Duration wait) {
  const int64_t until = MonotonicMicros() + wait.micros;
  while (!stopping && MonotonicMicros() < until) {
    RETURN_IF_ERROR(session->Speak());
    Wait(std::min(kSpeakSlice, Microseconds(until - MonotonicMicros())));
  }
  return absl::OkStatus();
}

// Both the owner and the standbys show the same backlog.
absl::Status Relay::Impl::ShowBacklog() {
  const int64_t begin = MonotonicMicros();
  if (begin < backlog_at) {
    return absl::OkStatus();
  }
  const auto backlog = session->ReadBacklog();
  if (!backlog.ok()) {  // too long to be counted in time: no reason to stop publishing
    backlog_at = begin + Seconds(30).micros;
    return session->healthy() ? absl::OkStatus() : backlog.status();
  }
  metrics.pending.Set(static_cast<double>(backlog->pending));
  metrics.oldest.Set(backlog->oldest_age_seconds);
  metrics.writer.Set(backlog->oldest_writer_age_seconds);
  // A long backlog takes long to count: then less often.
  const int64_t took = MonotonicMicros() - begin;
  backlog_at = begin + std::max<int64_t>(Seconds(1).micros, 20 * took);
  return absl::OkStatus();
}

void Relay::Impl::Run() {
  while (!stopping) {
    auto opened = RelaySession::Open(options.pg, registry);
    if (!opened.ok()) {
      log::Warning("relay has no database", {{"error", FromAbsl(opened.status().message())}});
      Wait(backoff.Next());
      continue;
    }
    session = *std::move(opened);
    Duration pause{};
    if (Acquire()) {
      const absl::Status ended = Own();
      flights.clear();
      if (ended.code() == absl::StatusCode::kFailedPrecondition) {
        log::Error("relay refuses to run", {{"reason", FromAbsl(ended.message())}});
        SetStatus(false, std::string(FromAbsl(ended.message())));
        pause = kRefusalRetry;
      } else {
        SetStatus(false, "");
        if (!ended.ok()) {
          log::Warning("relay starts over", {{"error", FromAbsl(ended.message())}});
          pause = backoff.Next();
        }
      }
    } else {
      pause = backoff.Next();
    }
    session.reset();  // gives the lock back
    Wait(pause);
  }
  SetStatus(false, "");
}

bool Relay::Impl::Acquire() {
  while (!stopping) {
    auto locked = session->TryLock();
    if (!locked.ok()) {
      return false;
    }
    if (*locked) {
      return true;
    }
    if (!session->WatchOwner().ok() || !ShowBacklog().ok()) {
      return false;
    }
    Wait(kStandbyPoll);
  }
  return false;
}

// With the lock, until something ends it. FAILED_PRECONDITION is a refusal.
absl::Status Relay::Impl::Own() {
  RETURN_IF_ERROR(session->CheckPrepared());
  {
    ASSIGN_OR_RETURN(const RelayCursor cursor, session->ReadCursor());
    RETURN_IF_ERROR(session->CheckIdentity(cursor));
  }
  while (!stopping) {
    absl::Status result;
    if (admin == nullptr) {
      ASSIGN_OR_RETURN(admin, kafka::Admin::Create(options.kafka));
    }
    auto start = Reconcile(*admin, *session, options);
    if (start.ok()) {
      ASSIGN_OR_RETURN(auto producer, kafka::Producer::Create(options.kafka, &registry));
      producer->WakeBy(wakeup.fd());
      SetStatus(true, "");
      partitions_at = MonotonicMicros() + kPartitionsEvery.micros;
      result = Publish(*producer, *start);
    } else {
      result = start.status();
    }
    flights.clear();
    if (result.ok() || result.code() == absl::StatusCode::kFailedPrecondition ||
        !session->healthy()) {
      return result;
    }
    metrics.failures.find(FailureReason(result))->second.Add();
    log::Warning("publishing failed; a new producer starts at the cursor",
                 {{"error", FromAbsl(result.message())}});
    SetStatus(true, "");  // the lock is still held
    RETURN_IF_ERROR(ShowBacklog());
    RETURN_IF_ERROR(WaitSpeaking(backoff.Next()));
  }
  return absl::OkStatus();
}

absl::Status Relay::Impl::Publish(kafka::Producer& producer, Position cursor) {
  flights.clear();
  read_at = cursor;
  pace.Restart();
  progress_at = MonotonicMicros();
  int64_t stop_at = 0;
  while (true) {
    RETURN_IF_ERROR(TakeAcknowledged(producer));
    int64_t next = MonotonicMicros() + kSpeakSlice.micros;
    if (stopping) {
      stop_at = stop_at == 0 ? MonotonicMicros() + kStopLimit.micros : stop_at;
      if (flights.empty() || MonotonicMicros() > stop_at) {
        return absl::OkStatus();
      }
    } else {
      RETURN_IF_ERROR(ShowBacklog());
      RETURN_IF_ERROR(CheckPartitionsDue());
      if (flights.size() < kPagesOut) {
        const int64_t next_read = pace.Next(poked);
        if (next_read <= MonotonicMicros()) {
          RETURN_IF_ERROR(SendPage(producer));
          continue;
        }
        next = std::min(next, next_read);
      }
    }
    RETURN_IF_ERROR(session->Speak());
    wakeup.Wait(Microseconds(next - MonotonicMicros()));
  }
}

// Reads the next page and hands it over.
absl::Status Relay::Impl::SendPage(kafka::Producer& producer) {
  pace.Begin(poked.exchange(false));
  const int limit = static_cast<int>(
      std::clamp<int64_t>(kPageBytes / std::max<int64_t>(bytes_per_row, 1), 1, options.page));
  ASSIGN_OR_RETURN(std::vector<JournalRow> rows, session->ReadPage(read_at, limit));
  pace.Done(MonotonicMicros(), rows.size(), rows.size() == static_cast<size_t>(limit));
  if (rows.empty()) {
    return absl::OkStatus();
  }
  const Position to{rows.back().xid, rows.back().seq};
  std::vector<kafka::Message> messages;
  messages.reserve(rows.size());
  int64_t bytes = 0;
  for (JournalRow& row : rows) {
    bytes += static_cast<int64_t>(row.payload.size()) + 1;
    messages.push_back(ToMessage(source, std::move(row)));
  }
  bytes_per_row = bytes / static_cast<int64_t>(messages.size());
  if (flights.empty()) {
    progress_at = MonotonicMicros();
  }
  flights.push_back({read_at, to, messages.size()});
  read_at = to;
  return producer.Start(std::move(messages));
}

// Moves the cursor behind the pages that are acknowledged whole.
absl::Status Relay::Impl::TakeAcknowledged(kafka::Producer& producer) {
  Ends ends;
  Flight done{};
  while (!flights.empty()) {
    const absl::Status delivered = producer.Await(Duration{0}, &ends);
    if (delivered.code() == absl::StatusCode::kDeadlineExceeded) {
      break;
    }
    RETURN_IF_ERROR(delivered);
    done = {done.rows == 0 ? flights.front().from : done.from, flights.front().to,
            done.rows + flights.front().rows};
    flights.pop_front();
  }
  if (done.rows > 0) {
    RETURN_IF_ERROR(runtime::Failpoint("relay.after_produce_before_cursor"));
    RETURN_IF_ERROR(session->MoveCursor(done.from, done.to, ends));
    metrics.published.Add(static_cast<double>(done.rows));
    progress_at = MonotonicMicros();
    backoff.Reset();
  } else if (!flights.empty() && MonotonicMicros() - progress_at > kNoProgress.micros) {
    return absl::UnavailableError("Kafka acknowledged nothing for 60 s");
  }
  return absl::OkStatus();
}

absl::Status Relay::Impl::CheckPartitionsDue() {
  if (MonotonicMicros() < partitions_at) {
    return absl::OkStatus();
  }
  partitions_at = MonotonicMicros() + kPartitionsEvery.micros;
  const absl::Status checked = CheckPartitionCount(*admin, options);
  RETURN_IF_ERROR(session->Speak());
  // A broker that does not answer now says nothing about the count.
  return checked.code() == absl::StatusCode::kFailedPrecondition ? checked : absl::OkStatus();
}

Relay::Relay(RelayOptions options, metrics::Registry& registry)
    : impl_(std::make_unique<Impl>(std::move(options), registry)) {}

Relay::~Relay() { Stop(); }

void Relay::Start() {
  impl_->thread = std::thread([this] {
    runtime::NameThread("relay");
    impl_->Run();
  });
}

void Relay::Poke() {
  if (!impl_->poked.exchange(true)) {
    impl_->wakeup.Wake();
  }
}

void Relay::Stop() {
  impl_->stopping = true;
  impl_->wakeup.Wake();
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

Relay::Status Relay::status() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->status;
}

}  // namespace steward::eventing
