#pragma once
// A named thread that does one thing every so often, and at once when it is poked.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "libs/base/time.h"

namespace steward::runtime {

class Periodic {
 public:
  // `work` runs on the thread alone, an interval after its last run has ended. Must not throw.
  Periodic(std::string name, Duration interval, std::function<void()> work);
  ~Periodic() { Stop(); }
  // The first run comes after `delay`.
  void Start(Duration delay = {});
  // Runs it now; during a run once more after it. Pokes before a run are one.
  void Poke();
  // Waits for the run in progress; none follows. Idempotent.
  void Stop();

 private:
  void Loop(Duration wait);

  const std::string name_;
  const Duration interval_;
  const std::function<void()> work_;
  std::mutex mutex_;  // of the flags
  std::condition_variable changed_;
  bool poked_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace steward::runtime
