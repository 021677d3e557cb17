#include "libs/pg/database_clock.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "libs/runtime/lifecycle.h"

namespace steward::pg {
namespace {

constexpr int kReadings = 3;  // the quickest round trip is the most exact
constexpr Duration kFresh = Seconds(5);
constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

}  // namespace

struct DatabaseClock::Impl {
  const Options options;
  metrics::Registry* const registry;
  std::atomic<int64_t> offset{0};             // database clock minus CLOCK_MONOTONIC
  std::atomic<int64_t> host_skew{0};          // database clock minus CLOCK_REALTIME
  std::atomic<int64_t> last_reading{kNever};  // MonotonicMicros
  std::mutex mutex;
  std::condition_variable stopped;
  bool stop = false;
  std::unique_ptr<Connection> connection;  // of the thread
  std::thread thread;

  Impl(Options o, metrics::Registry* r) : options(std::move(o)), registry(r) {}

  void Run() {
    runtime::NameThread("db-clock");
    std::unique_lock lock(mutex);
    while (!stop) {
      lock.unlock();
      Measure();
      lock.lock();
      stopped.wait_for(lock, std::chrono::seconds(1), [&] { return stop; });
    }
  }

  void Measure() {
    if (connection == nullptr || !connection->healthy()) {
      connection.reset();
      auto opened = Connection::Open(options, registry);
      if (!opened.ok()) {
        return;  // Fresh() tells
      }
      connection = *std::move(opened);
    }
    std::optional<Connection::ClockReading> best;
    for (int i = 0; i < kReadings; ++i) {
      const auto reading = connection->MeasureClock();
      if (!reading.ok()) {
        return;
      }
      if (!best || reading->uncertainty < best->uncertainty) {
        best = *reading;
      }
    }
    // Moves only as far as the reading proves, so that its noise does not make time jump.
    const int64_t low = (best->offset - best->uncertainty).micros;
    const int64_t high = (best->offset + best->uncertainty).micros;
    const bool first = last_reading.load() == kNever;
    offset.store(first ? best->offset.micros : std::clamp(offset.load(), low, high));
    host_skew.store(MonotonicMicros() + best->offset.micros - SystemClock().Now().micros);
    last_reading.store(MonotonicMicros());
  }
};

DatabaseClock::DatabaseClock(Options options, metrics::Registry* registry)
    : impl_(std::make_unique<Impl>(std::move(options), registry)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->Run(); });
}

DatabaseClock::~DatabaseClock() { Stop(); }

void DatabaseClock::Stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stop = true;
  }
  impl_->stopped.notify_all();
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

Time DatabaseClock::Now() const {
  if (impl_->last_reading.load() == kNever) {
    return SystemClock().Now();
  }
  return Time{MonotonicMicros() + impl_->offset.load()};
}

Duration DatabaseClock::HostSkew() const { return Duration{impl_->host_skew.load()}; }

bool DatabaseClock::Fresh() const {
  const int64_t last = impl_->last_reading.load();
  return last != kNever && MonotonicMicros() - last <= kFresh.micros;
}

}  // namespace steward::pg
