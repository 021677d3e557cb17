#include "libs/runtime/periodic.h"

#include <chrono>

#include "libs/runtime/lifecycle.h"

namespace steward::runtime {

Periodic::Periodic(std::string name, Duration interval, std::function<void()> work)
    : name_(std::move(name)), interval_(interval), work_(std::move(work)) {}

void Periodic::Start(Duration delay) {
  thread_ = std::thread([this, delay] { Loop(delay); });
}

void Periodic::Poke() {
  {
    const std::lock_guard lock(mutex_);
    poked_ = true;
  }
  changed_.notify_all();
}

void Periodic::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Periodic::Loop(Duration wait) {
  NameThread(name_);
  std::unique_lock lock(mutex_);
  for (;; wait = interval_) {
    changed_.wait_for(lock, std::chrono::microseconds(wait.micros),
                      [&] { return stopping_ || poked_; });
    if (stopping_) {
      return;
    }
    poked_ = false;
    lock.unlock();
    work_();
    lock.lock();
  }
}

}  // namespace steward::runtime
