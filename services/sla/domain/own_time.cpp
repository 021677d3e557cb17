#include "services/sla/domain/own_time.h"

#include <algorithm>

namespace steward::sla {

Time Bounded(Time t) { return std::clamp(t, kMinTime, kMaxTime); }

Duration Bounded(Duration d) {
  return std::clamp(d, Duration{kMinTime.micros}, Duration{kMaxTime.micros});
}

OwnTime::OwnTime(const Target& target, const CompiledCalendar* calendar)
    : calendar_(target.kind == Target::Kind::kWorkingTime ||
                        target.kind == Target::Kind::kWorkingDays
                    ? calendar
                    : nullptr) {}

Duration OwnTime::Between(Time from, Time to) const {
  if (to <= from) {
    return {};
  }
  return calendar_ != nullptr ? calendar_->Between(from, to) : Bounded(to) - Bounded(from);
}

Reached OwnTime::Add(Time start, Duration amount) const {
  if (calendar_ != nullptr) {
    return calendar_->Add(start, amount, Boundary::kEndOfInterval, amount < Duration{});
  }
  const Time at = Bounded(start) + Bounded(amount);
  return at > kMinTime && at < kMaxTime ? Reached{at, false} : Reached{};
}

Duration OwnTime::Outside(Time from, Time to, const std::vector<Span>& pauses) const {
  Duration passed = Between(from, to);
  for (const Span& pause : pauses) {
    passed = passed - Between(std::max(pause.from, from), std::min(pause.to, to));
  }
  return passed;
}

Reached OwnTime::Run(Time start, Duration amount, Boundary boundary,
                     const std::vector<Span>& pauses) const {
  if (calendar_ != nullptr && amount <= Duration{}) {
    return FirstRunning(start, pauses);
  }
  Time cursor = start;
  Duration left = amount;
  for (const Span& pause : pauses) {
    if (pause.to <= cursor || left <= Duration{}) {
      continue;
    }
    const Duration run = Between(cursor, pause.from);
    if (left <= run) {
      break;
    }
    left = left - run;
    cursor = pause.to;
    if (cursor >= kMaxTime) {
      return {};  // held, and nobody has resumed
    }
  }
  const Reached end = Add(cursor, left);
  const bool at_closing = calendar_ != nullptr && end.at.has_value() && !calendar_->IsOpen(*end.at);
  if (boundary == Boundary::kStartOfNext && at_closing) {
    return FirstRunning(*end.at, pauses);
  }
  return end;
}

Reached OwnTime::FirstRunning(Time at, const std::vector<Span>& pauses) const {
  Reached running = Add(at, {});
  for (const Span& pause : pauses) {
    if (!running.at || *running.at < pause.from) {
      break;
    }
    if (*running.at < pause.to) {
      running = Add(pause.to, {});
    }
  }
  return running;
}

}  // namespace steward::sla
