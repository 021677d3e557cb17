#include "libs/service/periodic.h"

#include <chrono>

#include "libs/runtime/lifecycle.h"

namespace steward::service {

Periodic::Periodic(std::string name, Duration interval, std::function<void()> work)
    : name_(std::move(name)), interval_(interval), work_(std::move(work)) {}

void Periodic::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Periodic::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Periodic::Loop() {
  runtime::NameThread(name_);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    work_();
    lock.lock();
    changed_.wait_for(lock, std::chrono::microseconds(interval_.micros), [&] { return stopping_; });
  }
}

}  // namespace steward::service
