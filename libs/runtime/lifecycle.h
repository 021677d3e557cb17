#pragma once
// How a process lives: signals, start-up checks, ordered stop.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/time.h"

namespace steward::runtime {

// Exit codes of servers (contracts 5.1).
inline constexpr int kExitOk = 0, kExitConfig = 2, kExitSelfProbe = 70, kExitUnsafeProfile = 78;

// Call first in main, before any thread: blocks SIGTERM, SIGINT and SIGHUP in all threads, ignores SIGPIPE.
void BlockSignals();
// Waits for SIGTERM or SIGINT; returns its number, 0 after RequestStop.
int WaitForStop();
// The same with a limit; nullopt when it passed.
std::optional<int> WaitForStop(Duration limit);
// Makes WaitForStop return; for tests and fatal conditions. Thread-safe.
void RequestStop();

// Stop actions in the order they were added; a hard exit timer behind them.
class StopSequence {
 public:
  explicit StopSequence(Duration hard_limit) : hard_limit_(hard_limit) {}
  void Then(std::string name, std::function<void()> action);
  // Runs them; ends the process with code 1 if they take longer than the hard limit.
  void Run();

 private:
  Duration hard_limit_;
  std::vector<std::pair<std::string, std::function<void()>>> actions_;
};

// Names the calling thread (15 characters), for debuggers and /proc.
void NameThread(std::string_view name);

}  // namespace steward::runtime
