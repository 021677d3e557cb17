#pragma once
// What ends a thread's wait before its time: an eventfd, so that C libraries (librdkafka) can write to it too.
// Wakes while nobody waits are kept, as one.

#include "libs/base/time.h"

namespace steward::runtime {

class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  int fd() const { return fd_; }  // eight bytes written here (the number 1) wake as well
  void Wake() const;
  // Until woken or `limit` is over (rounded up to the millisecond). For one thread.
  void Wait(Duration limit) const;

 private:
  const int fd_;
};

}  // namespace steward::runtime
