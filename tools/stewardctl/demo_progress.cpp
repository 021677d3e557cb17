#include "tools/stewardctl/demo_progress.h"

#include <cstdio>
#include <utility>

#include "libs/base/clock.h"

namespace stewardctl {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kPause = kSecond / 5;

}  // namespace

absl::StatusOr<Progress::Style> ParseProgress(const std::string& text, bool quiet, bool terminal) {
  if (text != "auto" && text != "bar" && text != "json" && text != "none") {
    return absl::InvalidArgumentError("--progress is auto, bar, json or none");
  }
  if (quiet || text == "none" || (text == "auto" && !terminal)) {
    return Progress::Style::kNone;
  }
  return text == "json" ? Progress::Style::kJson : Progress::Style::kBar;
}

std::string ProgressLine(Progress::Style style, const std::string& step, int64_t done,
                         int64_t total, steward::Duration since) {
  if (style == Progress::Style::kJson) {
    return "{\"step\":\"" + step + "\",\"done\":" + std::to_string(done) +
           ",\"total\":" + std::to_string(total) +
           ",\"milliseconds\":" + std::to_string(since.micros / 1'000) + "}";
  }
  std::string line = step + "  " + std::to_string(done) + "/" + std::to_string(total);
  if (done > 0 && since.micros > 0) {
    const int64_t left = (total - done) * since.micros / done;
    line += " (" + std::to_string(done * kSecond / since.micros) + "/s, " +
            std::to_string((left + kSecond - 1) / kSecond) + " s left)";
  }
  return line;
}

Progress::Progress(Style style, std::string step, int64_t total)
    : style_(style), step_(std::move(step)), total_(total), begun_at_(steward::MonotonicMicros()) {}

Progress::~Progress() {
  if (style_ == Style::kBar && shown_) {
    std::fputc('\n', stderr);
  }
}

void Progress::Show(int64_t done) {
  const int64_t now = steward::MonotonicMicros();
  if (style_ == Style::kNone || (shown_ && done < total_ && now - shown_at_ < kPause)) {
    return;
  }
  shown_ = true;
  shown_at_ = now;
  const std::string line =
      ProgressLine(style_, step_, done, total_, steward::Duration{now - begun_at_});
  if (style_ == Style::kBar) {
    std::fprintf(stderr, "\r%s\x1b[K", line.c_str());  // and nothing left of a longer one
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  std::fflush(stderr);
}

}  // namespace stewardctl
