#include "libs/runtime/lifecycle.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "libs/base/clock.h"
#include "libs/log/log.h"

namespace steward::runtime {
namespace {

constexpr int kHardExitCode = 1;

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

int StopEvent() {
  static const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd;
}

}  // namespace

void BlockSignals() {
  sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT: libpq, hiredis and the log may write to a closed socket
}

int WaitForStop() {
  while (true) {
    if (std::optional<int> number = WaitForStop(Hours(1))) {
      return *number;
    }
  }
}

std::optional<int> WaitForStop(Duration limit) {
  int64_t end = MonotonicMicros() + limit.micros;
  sigset_t set = StopSignals();
  int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  std::optional<int> number;
  for (int64_t left = limit.micros; !number && left > 0; left = end - MonotonicMicros()) {
    std::array<pollfd, 2> fds = {{{signals, POLLIN, 0}, {StopEvent(), POLLIN, 0}}};
    if (poll(fds.data(), fds.size(), static_cast<int>((left + 999) / 1'000)) < 0) {
      continue;  // EINTR
    }
    uint64_t count = 0;
    signalfd_siginfo info{};
    if (read(StopEvent(), &count, sizeof count) == sizeof count) {
      number = 0;
    } else if (read(signals, &info, sizeof info) == sizeof info && info.ssi_signo != SIGHUP) {
      number = static_cast<int>(info.ssi_signo);
    }
  }
  close(signals);
  return number;
}

void RequestStop() {
  uint64_t one = 1;
  // Fails only when a stop was already requested 2^64 - 1 times.
  [[maybe_unused]] ssize_t n = write(StopEvent(), &one, sizeof one);
}

void StopSequence::Then(std::string name, std::function<void()> action) {
  actions_.emplace_back(std::move(name), std::move(action));
}

void StopSequence::Run() {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::string current = "start";
  std::thread timer([&] {
    NameThread("stop-timer");
    std::unique_lock lock(mutex);
    if (!changed.wait_for(lock, std::chrono::microseconds(hard_limit_.micros),
                          [&] { return done; })) {
      log::Error("stop took too long",
                 {{"step", current}, {"limit_ms", hard_limit_.micros / 1'000}});
      _exit(kHardExitCode);
    }
  });
  for (auto& [name, action] : actions_) {
    {
      std::lock_guard lock(mutex);
      current = name;
    }
    int64_t begin = MonotonicMicros();
    action();
    log::Info("stopped", {{"step", name}, {"dur_ms", (MonotonicMicros() - begin) / 1'000}});
  }
  {
    std::lock_guard lock(mutex);
    done = true;
  }
  changed.notify_all();
  timer.join();
}

void NameThread(std::string_view name) {
  pthread_setname_np(pthread_self(), std::string(name.substr(0, 15)).c_str());
}

}  // namespace steward::runtime
