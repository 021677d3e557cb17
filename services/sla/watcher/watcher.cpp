#include "services/sla/watcher/watcher.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

#include "libs/base/backoff.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/log/log.h"
#include "libs/runtime/lifecycle.h"
#include "services/sla/watcher/firing.h"
#include "services/sla/watcher/guard.h"
#include "services/sla/watcher/shards.h"

namespace steward::sla {
namespace {

constexpr Duration kSweepEvery = Milliseconds(250);
constexpr Duration kSweepAhead = Seconds(1);
constexpr Duration kGather =
    Milliseconds(5);  // due timers of these few milliseconds share a transaction
constexpr size_t kBatch = 1000;

constexpr pg::Statement kSweep{"sla_sweep_timers",
                               "SELECT shard, id, due, fire_at, accuses, subject, failures FROM "
                               "timer WHERE shard = ANY($1::smallint[]) AND fire_at <= $2 "
                               "AND ($3 OR NOT accuses) ORDER BY fire_at LIMIT 5000"};
constexpr pg::Statement kRelease{"sla_guard_release", "SELECT release_until FROM watcher_state"};

Time HostNow() {
  timespec ts;
  clock_gettime(CLOCK_REALTIME, &ts);
  return Time{ts.tv_sec * 1'000'000LL + ts.tv_nsec / 1000};
}

bool Transient(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kAborted ||
         status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

}  // namespace

struct Watcher::Impl {
  explicit Impl(WatcherDeps d) : deps(std::move(d)) {}

  WatcherDeps deps;
  std::thread thread;
  mutable std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  bool sweep_now = false;
  std::atomic<int64_t> next_sweep_micros{0};  // of the database's clock
  WatcherSnapshot snapshot;

  // Of the watcher's thread.
  std::unique_ptr<pg::Connection> connection;
  std::unique_ptr<Shards> shards;
  ClockGuard guard;
  Duration offset;                // database's clock minus CLOCK_MONOTONIC
  std::vector<DueTimer> pending;  // in order of fire_at
  int64_t next_sweep = 0, next_balance = 0, next_tick = 0, next_health = 0, next_keep = 0,
          last_batch = 0;
  std::string keep_after;       // see KeepRecipients
  size_t batch_limit = kBatch;  // halved when a batch takes too long
  int64_t held_since = 0;       // accusations wait since then; 0 = they do not
  bool accuse = true, stale = false;

  bool Stopping() const {
    std::lock_guard lock(mutex);
    return stopping;
  }
  Time Now() const { return Time{MonotonicMicros() + offset.micros}; }

  void Run() {
    runtime::NameThread("sla-watcher");
    Backoff backoff(Milliseconds(100), Seconds(2), 7);
    while (!Stopping()) {
      absl::Status status = Open();
      while (status.ok() && !Stopping()) {
        backoff.Reset();
        status = Step();
      }
      Close();
      if (!status.ok()) {
        log::Warning("watcher lost its connection", {{"error", FromAbsl(status.message())}});
        Wait(backoff.Next());
      }
    }
  }

  absl::Status Open() {
    ASSIGN_OR_RETURN(connection, pg::Connection::Open(deps.pg));
    shards = std::make_unique<Shards>(*connection);
    RETURN_IF_ERROR(shards->Join());
    next_sweep = next_balance = next_tick = next_health = next_keep = 0;
    pending.clear();
    return absl::OkStatus();
  }

  void Close() {
    shards.reset();
    connection.reset();
    pending.clear();
    deps.metrics->shards_held.Set(0);
    std::lock_guard lock(mutex);
    snapshot.shards.clear();
  }

  void Wait(Duration d) {
    std::unique_lock lock(mutex);
    wake.wait_for(lock, std::chrono::microseconds(std::max<int64_t>(d.micros, 0)),
                  [&] { return stopping || sweep_now; });
  }

  // One round: upkeep that has come due, then what is due to fire, else sleep to the next of either.
  absl::Status Step() {
    const int64_t mono = MonotonicMicros();
    if (mono >= next_tick) {
      RETURN_IF_ERROR(Tick());
      next_tick = mono + 1'000'000;
    }
    if (mono >= next_balance) {
      RETURN_IF_ERROR(shards->Balance());
      next_balance = mono + 500'000;
    }
    if (mono >= next_health) {
      RETURN_IF_ERROR(CheckHealth(mono));
      next_health = mono + 500'000;
    }
    if (mono >= next_keep && shards->held().contains(0)) {
      ASSIGN_OR_RETURN(const int changed, KeepRecipients(*connection, deps, keep_after));
      if (changed > 0) {
        deps.fired();
      }
      next_keep = mono + 1'000'000;
    }
    bool asked = false;
    {
      std::lock_guard lock(mutex);
      asked = std::exchange(sweep_now, false);
    }
    // While a backlog is being worked off there is no need to read it again and again.
    const bool busy = !pending.empty() && pending.front().fire_at <= Now();
    if (asked || mono >= next_sweep + (busy ? 1'000'000 : 0)) {
      RETURN_IF_ERROR(Sweep());
      next_sweep = mono + kSweepEvery.micros;
      next_sweep_micros = next_sweep + offset.micros;
    }
    Publish();
    if (!guard.frozen() && !pending.empty() && pending.front().fire_at <= Now() &&
        mono - last_batch >= kGather.micros) {
      last_batch = mono;
      return FireSome();
    }
    Wait(Duration{NextMoment() - MonotonicMicros()});
    return absl::OkStatus();
  }

  int64_t NextMoment() const {
    int64_t next = std::min({next_sweep, next_balance, next_tick, next_health});
    if (!guard.frozen() && !pending.empty()) {
      next = std::min(next, std::max(pending.front().fire_at.micros - offset.micros,
                                     last_batch + kGather.micros));
    }
    return next;
  }

  absl::Status Tick() {
    ASSIGN_OR_RETURN(const pg::Connection::ClockReading reading, connection->MeasureClock());
    offset = reading.offset;
    ASSIGN_OR_RETURN(const pg::Result release, connection->Run(kRelease));
    const int64_t mono = MonotonicMicros();
    const bool was = guard.frozen();
    const bool frozen = guard.Observe({Time{mono + offset.micros}, HostNow(), mono},
                                      release.OptionalTimestamp(0, 0));
    if (frozen != was || guard.jumped()) {
      log::Warning(frozen ? "clock guard froze firing" : "clock guard released firing",
                   {{"offset_ms", guard.offset().micros / 1000}});
    }
    deps.metrics->guard_frozen.Set(frozen ? 1 : 0);
    return absl::OkStatus();
  }

  // Catch up before you accuse (ruling H1): breaches and levels wait while an input is behind or unconfirmed, at most `max_hold`.
  absl::Status CheckHealth(int64_t mono) {
    ASSIGN_OR_RETURN(const eventing::InputHealth health,
                     eventing::CheckInputs(*connection, deps.group, deps.inputs, Seconds(2)));
    if (health.caught_up) {
      held_since = 0;
    } else if (held_since == 0) {
      held_since = mono;
    }
    stale = held_since != 0 && mono - held_since > deps.max_hold.micros;
    const bool may = held_since == 0 || stale;
    if (may != accuse) {
      log::Info(may ? "accusations go on" : "accusations wait for inputs",
                {{"detail", health.detail}, {"stale", stale}});
      next_sweep = 0;
    }
    accuse = may;
    deps.metrics->held_for_inputs.Set(accuse ? 0 : 1);
    return absl::OkStatus();
  }

  absl::Status Sweep() {
    std::vector<int16_t> held(shards->held().begin(), shards->held().end());
    ASSIGN_OR_RETURN(
        const pg::Result rows,
        connection->Run(kSweep, pg::Params().AddInt16s(held).Add(Now() + kSweepAhead).Add(accuse)));
    pending.clear();
    int failing = 0;
    for (int i = 0; i < rows.rows(); ++i) {
      pending.push_back({static_cast<int16_t>(rows.Int(i, 0)), rows.Int(i, 1), rows.Timestamp(i, 2),
                         rows.Timestamp(i, 3), rows.Bool(i, 4), rows.Text(i, 5)});
      failing += rows.Int(i, 6) > 0;
    }
    deps.metrics->timers_failing.Set(failing);
    return absl::OkStatus();
  }

  absl::Status FireSome() {
    const Time now = Now();
    auto end = std::find_if(pending.begin(), pending.end(),
                            [&](const DueTimer& t) { return t.fire_at > now; });
    if (static_cast<size_t>(end - pending.begin()) > batch_limit) {
      end = pending.begin() + static_cast<std::ptrdiff_t>(batch_limit);
    }
    std::vector<DueTimer> batch(pending.begin(), end);
    pending.erase(pending.begin(), end);
    // Across clocks the earliest due first, also after an outage.
    std::sort(batch.begin(), batch.end(),
              [](const DueTimer& a, const DueTimer& b) { return a.due < b.due; });
    const bool more = pending.empty() && batch.size() == batch_limit;
    RETURN_IF_ERROR(FireOrBisect(batch));
    if (more) {
      next_sweep = 0;
    }
    return absl::OkStatus();
  }

  absl::Status FireOrBisect(const std::vector<DueTimer>& batch) {
    absl::StatusOr<Fired> fired =
        FireBatch(*connection, deps, batch, accuse, stale, [this] { return Now(); });
    if (fired.ok()) {
      batch_limit = std::min(kBatch, batch_limit * 2);
      Count(*fired);
      return absl::OkStatus();
    }
    if (!connection->healthy()) {
      return fired.status();
    }
    if (Transient(fired.status())) {
      // They are still in the table; a smaller batch may get through, and the clocks are looked at.
      batch_limit = std::max<size_t>(1, batch.size() / 2);
      next_sweep = MonotonicMicros() + 50'000;
      next_tick = 0;
      return absl::OkStatus();
    }
    if (batch.size() == 1) {
      log::Error("timer cannot be fired",
                 {{"subject", batch[0].subject}, {"error", FromAbsl(fired.status().message())}});
      return Postpone(*connection, batch[0]);
    }
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    RETURN_IF_ERROR(FireOrBisect({batch.begin(), middle}));
    return FireOrBisect({middle, batch.end()});
  }

  void Count(const Fired& fired) {
    for (const Fired::One& one : fired.firings) {
      const double delay =
          static_cast<double>((one.firing.detected_at - one.firing.occurred_at).micros) / 1e6;
      switch (one.firing.kind) {
        case PlannedRung::Kind::kWarning:
          deps.metrics->Warned(one.policy);
          deps.metrics->Delay("warning", delay);
          break;
        case PlannedRung::Kind::kBreach:
          deps.metrics->Breached(one.policy);
          deps.metrics->Delay("breach", delay);
          break;
        case PlannedRung::Kind::kLevel:
          deps.metrics->Raised(one.policy, one.firing.number);
          deps.metrics->Delay("level", delay);
          break;
      }
    }
    if (!fired.firings.empty()) {
      deps.fired();
    }
    // With nothing else due: what was re-armed may be near, what was busy or a hair early is tried
    // again. Otherwise the rest of the backlog goes first.
    if (pending.empty() || pending.front().fire_at > Now()) {
      const int64_t soon = fired.firings.empty() ? kGather.micros : 20'000;
      next_sweep = std::min(next_sweep, MonotonicMicros() + soon);
    }
  }

  void Publish() {
    const Time now = Now();
    const Duration age = pending.empty() || pending.front().fire_at > now
                             ? Duration{0}
                             : now - pending.front().fire_at;
    deps.metrics->timer_lag.Set(static_cast<double>(age.micros) / 1e6);
    deps.metrics->shards_held.Set(static_cast<double>(shards->held().size()));
    std::lock_guard lock(mutex);
    snapshot = {{shards->held().begin(), shards->held().end()},
                shards->watchers(),
                guard.frozen(),
                guard.offset(),
                !accuse,
                age};
  }
};

Watcher::Watcher(WatcherDeps deps) : impl_(std::make_unique<Impl>(std::move(deps))) {}
Watcher::~Watcher() { Stop(); }

void Watcher::Start() {
  impl_->thread = std::thread([this] { impl_->Run(); });
}

void Watcher::Stop() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

void Watcher::Armed(const std::vector<Batch::Armed>& armed) {
  const int64_t next = impl_->next_sweep_micros;
  const bool near = std::any_of(armed.begin(), armed.end(),
                                [&](const Batch::Armed& a) { return a.fire_at.micros <= next; });
  if (near) {
    {
      std::lock_guard lock(impl_->mutex);
      impl_->sweep_now = true;
    }
    impl_->wake.notify_all();
  }
}

WatcherSnapshot Watcher::snapshot() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->snapshot;
}

}  // namespace steward::sla
