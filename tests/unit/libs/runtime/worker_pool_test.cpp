#include "libs/runtime/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "libs/testing/eventually.h"

namespace steward::runtime {
namespace {

using testing::Eventually;

// Holds tasks back until opened.
class Gate {
 public:
  void Wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void AwaitWaiting(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= n; });
  }
  void Open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

bool AllIdle(const WorkerPool& pool) { return pool.busy() == 0 && pool.queued() == 0; }

TEST(WorkerPool, RunsEveryTaskOnceOnItsWorkers) {
  std::atomic<int> ran{0};
  std::mutex mutex;
  std::set<int> workers;
  WorkerPool pool("test", 4, 1'000);
  int taken = 0;
  for (int i = 0; i < 500; ++i) {
    taken += pool.TrySubmit([&](int worker) {
      ++ran;
      std::lock_guard lock(mutex);
      workers.insert(worker);
    });
  }
  pool.Stop();
  EXPECT_EQ(taken, 500);
  EXPECT_EQ(ran, 500);
  EXPECT_GE(*workers.begin(), 0);
  EXPECT_LT(*workers.rbegin(), 4);
}

TEST(WorkerPool, FullQueueRefusesAtOnce) {
  Gate gate;
  WorkerPool pool("test", 2, 3);
  EXPECT_TRUE(pool.TrySubmit([&](int) { gate.Wait(); }));
  EXPECT_TRUE(pool.TrySubmit([&](int) { gate.Wait(); }));
  gate.AwaitWaiting(2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(pool.TrySubmit([](int) {}));
  }
  EXPECT_FALSE(pool.TrySubmit([](int) { FAIL() << "was not taken"; }));
  EXPECT_EQ(pool.busy(), 2);
  EXPECT_EQ(pool.queued(), 3);
  gate.Open();
  EXPECT_TRUE(Eventually(Seconds(5), [&] { return AllIdle(pool); }));
  EXPECT_TRUE(pool.TrySubmit([](int) {}));
}

TEST(WorkerPool, QueueIsFirstInFirstOut) {
  Gate gate;
  std::vector<int> order;
  WorkerPool pool("test", 1, 100);
  ASSERT_TRUE(pool.TrySubmit([&](int) { gate.Wait(); }));
  gate.AwaitWaiting(1);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(pool.TrySubmit([&order, i](int) { order.push_back(i); }));
  }
  gate.Open();
  pool.Stop();
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(WorkerPool, WakesTheLastIdleFirst) {
  WorkerPool pool("test", 4, 0);
  std::atomic<int> last{-1};
  auto run = [&] {
    last = -1;
    // With no queue a task is taken only by a worker that is waiting already.
    EXPECT_TRUE(
        Eventually(Seconds(5), [&] { return pool.TrySubmit([&](int worker) { last = worker; }); }));
    EXPECT_TRUE(Eventually(Seconds(5), [&] { return last >= 0 && pool.busy() == 0; }));
    return last.load();
  };
  // All four wait; afterwards the same worker, the warm one, gets every task as long as one at a time arrives.
  Gate gate;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(Eventually(Seconds(5), [&] { return pool.TrySubmit([&](int) { gate.Wait(); }); }));
  }
  gate.AwaitWaiting(4);
  gate.Open();
  ASSERT_TRUE(Eventually(Seconds(5), [&] { return AllIdle(pool); }));
  std::set<int> used;
  for (int i = 0; i < 20; ++i) {
    used.insert(run());
  }
  // A worker counts as free a moment before it waits, so a neighbour may be taken now and then; all four in turn never.
  EXPECT_LT(used.size(), 4u);
}

TEST(WorkerPool, StopRunsWhatIsQueuedAndRefusesMore) {
  Gate gate;
  std::atomic<int> ran{0};
  WorkerPool pool("test", 2, 50);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(pool.TrySubmit([&](int) { gate.Wait(); }));
  }
  gate.AwaitWaiting(2);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(pool.TrySubmit([&](int) { ++ran; }));
  }
  std::thread stopper([&] { pool.Stop(); });
  EXPECT_TRUE(Eventually(Seconds(5), [&] {
    // A refused task shows that the pool is stopping; the queue is full only before.
    return !pool.TrySubmit([](int) {});
  }));
  gate.Open();
  stopper.join();
  EXPECT_EQ(ran, 50);
  EXPECT_FALSE(pool.TrySubmit([](int) {}));
  pool.Stop();
}

TEST(WorkerPool, ManySubmittersLoseNothing) {
  std::atomic<int> ran{0};
  std::atomic<int> taken{0};
  WorkerPool pool("test", 3, 8);
  std::vector<std::thread> submitters;
  for (int t = 0; t < 4; ++t) {
    submitters.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) {
        if (pool.TrySubmit([&](int) { ++ran; })) {
          ++taken;
        }
      }
    });
  }
  for (std::thread& submitter : submitters) {
    submitter.join();
  }
  pool.Stop();
  EXPECT_EQ(ran, taken);
  EXPECT_GT(taken, 0);
}

TEST(WorkerPool, TaskIsLetGoBeforeTheWorkerCountsAsFree) {
  auto held = std::make_shared<int>(1);
  std::weak_ptr<int> watch = held;
  WorkerPool pool("test", 1, 1);
  ASSERT_TRUE(pool.TrySubmit([held = std::move(held)](int) {}));
  EXPECT_TRUE(Eventually(Seconds(5), [&] { return watch.expired(); }));
}

}  // namespace
}  // namespace steward::runtime
