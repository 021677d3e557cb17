#pragma once
// A bounded FIFO queue in front of a fixed number of named threads. Each thread has an index, so that it can
// own things (a database connection). Idle workers are woken last-idle-first.

#include <functional>
#include <memory>
#include <string>

namespace steward::runtime {

class WorkerPool {
 public:
  // `task(worker_index)`; must not throw.
  using Task = std::function<void(int worker)>;
  WorkerPool(std::string name, int workers, int queue_limit);
  ~WorkerPool();
  // False at once when the queue is full or the pool is stopping; the task was not taken.
  [[nodiscard]] bool TrySubmit(Task task);
  int busy() const;
  int queued() const;
  int workers() const;
  // Runs what is queued, then joins. Idempotent.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::runtime
