#include "libs/runtime/failpoint.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/status.h"
#include "libs/log/log.h"

namespace steward::runtime {
namespace {

enum class Mode { kKill, kError, kWait };

constexpr int kKilledExitCode = 137;  // what a shell reports for kill -9
constexpr std::chrono::seconds kLongestWait{30};

struct Point {
  Mode mode;
  int64_t only_hit = 0;  // 0 = every hit
  int64_t hits = 0;
  bool released = false;
};

std::atomic<bool> g_armed{false};
std::mutex g_mutex;
std::condition_variable g_changed;
std::map<std::string, std::shared_ptr<Point>, std::less<>> g_points;

absl::StatusOr<std::pair<std::string, Point>> ParsePoint(absl::string_view entry) {
  entry = absl::StripAsciiWhitespace(entry);
  std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(entry, absl::MaxSplits('=', 1));
  std::pair<absl::string_view, absl::string_view> mode =
      absl::StrSplit(parts.second, absl::MaxSplits('@', 1));
  Point point{};
  bool known = true;
  if (mode.first == "kill") {
    point.mode = Mode::kKill;
  } else if (mode.first == "error") {
    point.mode = Mode::kError;
  } else if (mode.first == "wait") {
    point.mode = Mode::kWait;
  } else {
    known = false;
  }
  bool counted = parts.second.find('@') != absl::string_view::npos;
  if (!known || parts.first.empty() ||
      (counted && (!absl::SimpleAtoi(mode.second, &point.only_hit) || point.only_hit < 1))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "failpoint \"", entry, "\" is not `name=kill|error|wait`, optionally with `@n` from 1"));
  }
  return std::make_pair(std::string(parts.first), point);
}

}  // namespace

absl::Status ArmFailpoints(std::string_view spec) {
  std::map<std::string, std::shared_ptr<Point>, std::less<>> points;
  for (absl::string_view entry : absl::StrSplit(ToAbsl(spec), ';', absl::SkipWhitespace())) {
    ASSIGN_OR_RETURN(auto parsed, ParsePoint(entry));
    points[parsed.first] = std::make_shared<Point>(parsed.second);
  }
  std::lock_guard lock(g_mutex);
  for (auto& [name, point] : points) {
    g_points[name] = point;
  }
  g_armed = !g_points.empty();
  return absl::OkStatus();
}

void DisarmFailpoints() {
  {
    std::lock_guard lock(g_mutex);
    for (auto& [name, point] : g_points) {
      point->released = true;
    }
    g_points.clear();
    g_armed = false;
  }
  g_changed.notify_all();
}

absl::Status Failpoint(std::string_view name) {
  if (!g_armed.load(std::memory_order_relaxed)) {
    return absl::OkStatus();
  }
  std::unique_lock lock(g_mutex);
  auto found = g_points.find(name);
  if (found == g_points.end()) {
    return absl::OkStatus();
  }
  std::shared_ptr<Point> point = found->second;
  ++point->hits;
  if (point->only_hit != 0 && point->hits != point->only_hit) {
    return absl::OkStatus();
  }
  g_changed.notify_all();
  switch (point->mode) {
    case Mode::kKill:
      log::Warning("failpoint kills the process", {{"failpoint", name}});
      _exit(kKilledExitCode);
    case Mode::kError:
      return absl::UnavailableError(absl::StrCat("failpoint ", ToAbsl(name)));
    case Mode::kWait:
      g_changed.wait_for(lock, kLongestWait, [&] { return point->released; });
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

bool AwaitFailpoint(std::string_view name, Duration timeout) {
  std::unique_lock lock(g_mutex);
  return g_changed.wait_for(lock, std::chrono::microseconds(timeout.micros), [&] {
    auto found = g_points.find(name);
    return found != g_points.end() &&
           found->second->hits >= std::max<int64_t>(found->second->only_hit, 1);
  });
}

void ReleaseFailpoint(std::string_view name) {
  {
    std::lock_guard lock(g_mutex);
    auto found = g_points.find(name);
    if (found == g_points.end()) {
      return;
    }
    found->second->released = true;
  }
  g_changed.notify_all();
}

}  // namespace steward::runtime
