#pragma once
// A named thread that does one thing every so often.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "libs/base/time.h"

namespace steward::service {

class Periodic {
 public:
  // `work` runs at once and then after each interval, on one thread.
  Periodic(std::string name, Duration interval, std::function<void()> work);
  ~Periodic() { Stop(); }
  void Start();
  // Waits for the run in progress. Idempotent.
  void Stop();

 private:
  void Loop();

  std::string name_;
  Duration interval_;
  std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace steward::service
