#pragma once
// How far a long command has come, on stderr; nothing of it is data.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace stewardctl {

class Progress {
 public:
  enum class Style { kNone, kBar, kJson };

  Progress(Style style, std::string step, int64_t total);
  // Ends the line of the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // Not thread-safe. Shows it at most five times a second, and when all is done.
  void Show(int64_t done);

 private:
  Style style_;
  std::string step_;
  int64_t total_, shown_at_ = 0, begun_at_;
  bool shown_ = false;
};

// `auto` is a bar on a terminal and nothing elsewhere; `quiet` is nothing.
absl::StatusOr<Progress::Style> ParseProgress(const std::string& text, bool quiet, bool terminal);

// One line without its end: `tickets  120/445 (35/s, 9 s left)`, or a JSON object.
std::string ProgressLine(Progress::Style style, const std::string& step, int64_t done,
                         int64_t total, steward::Duration since);

}  // namespace stewardctl
