#include "libs/runtime/wakeup.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace steward::runtime {

Wakeup::Wakeup() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Wakeup::~Wakeup() { close(fd_); }

void Wakeup::Wake() const {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);  // fails only when full
}

void Wakeup::Wait(Duration limit) const {
  pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
  const int64_t millis = (std::max<int64_t>(limit.micros, 0) + 999) / 1000;
  if (poll(&ready, 1, static_cast<int>(millis)) > 0) {
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = read(fd_, &count, sizeof count);
  }
}

}  // namespace steward::runtime
