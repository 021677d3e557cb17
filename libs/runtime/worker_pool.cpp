#include "libs/runtime/worker_pool.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "libs/runtime/lifecycle.h"

namespace steward::runtime {

// A free worker gets its task put into its own slot and is woken alone: no crowd wakes up for one task, and nobody
// can overtake. The queue holds tasks only while no worker is free.
struct WorkerPool::Impl {
  struct Worker {
    std::mutex mutex;
    std::condition_variable changed;
    Task task;         // guarded by mutex
    bool end = false;  // guarded by mutex
    std::thread thread;
  };

  std::string name;
  size_t queue_limit = 0;
  std::vector<std::unique_ptr<Worker>> workers;
  mutable std::mutex mutex;  // the three below; taken before a worker's mutex, never after
  std::deque<Task> queue;
  std::vector<int> idle;  // the last one to become idle is woken first: its caches are warm
  bool stopping = false;
  std::atomic<int> busy{0};
  std::mutex stop_mutex;

  // What this worker runs next; an empty function means that it ends.
  Task Next(int index) {
    Worker& self = *workers[static_cast<size_t>(index)];
    {
      std::lock_guard lock(mutex);
      if (!queue.empty()) {
        Task task = std::move(queue.front());
        queue.pop_front();
        return task;
      }
      if (stopping) {
        return nullptr;
      }
      idle.push_back(index);
    }
    std::unique_lock lock(self.mutex);
    self.changed.wait(lock, [&] { return self.task != nullptr || self.end; });
    return std::exchange(self.task, nullptr);
  }

  void Loop(int index) {
    NameThread(name + "-" + std::to_string(index));
    while (Task task = Next(index)) {
      busy.fetch_add(1, std::memory_order_relaxed);
      task(index);
      task = nullptr;  // what it holds is let go before the worker counts as free
      busy.fetch_sub(1, std::memory_order_relaxed);
    }
  }
};

WorkerPool::WorkerPool(std::string name, int workers, int queue_limit)
    : impl_(std::make_unique<Impl>()) {
  impl_->name = std::move(name);
  impl_->queue_limit = static_cast<size_t>(std::max(queue_limit, 0));
  for (int i = 0; i < workers; ++i) {
    impl_->workers.push_back(std::make_unique<Impl::Worker>());
  }
  for (int i = 0; i < workers; ++i) {
    impl_->workers[static_cast<size_t>(i)]->thread = std::thread([this, i] { impl_->Loop(i); });
  }
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::TrySubmit(Task task) {
  Impl::Worker* worker = nullptr;
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->stopping) {
      return false;
    }
    if (impl_->idle.empty()) {
      if (impl_->queue.size() >= impl_->queue_limit) {
        return false;
      }
      impl_->queue.push_back(std::move(task));
      return true;
    }
    worker = impl_->workers[static_cast<size_t>(impl_->idle.back())].get();
    impl_->idle.pop_back();
  }
  {
    std::lock_guard lock(worker->mutex);
    worker->task = std::move(task);
  }
  worker->changed.notify_one();
  return true;
}

int WorkerPool::busy() const { return impl_->busy.load(std::memory_order_relaxed); }

int WorkerPool::queued() const {
  std::lock_guard lock(impl_->mutex);
  return static_cast<int>(impl_->queue.size());
}

int WorkerPool::workers() const { return static_cast<int>(impl_->workers.size()); }

void WorkerPool::Stop() {
  std::lock_guard stop(impl_->stop_mutex);
  std::vector<int> idle;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    idle.swap(impl_->idle);
  }
  for (int index : idle) {
    Impl::Worker& worker = *impl_->workers[static_cast<size_t>(index)];
    {
      std::lock_guard lock(worker.mutex);
      worker.end = true;
    }
    worker.changed.notify_one();
  }
  for (auto& worker : impl_->workers) {
    if (worker->thread.joinable()) {
      worker->thread.join();
    }
  }
}

}  // namespace steward::runtime
