#pragma once
// Something that holds from one instant to another. Pure.

#include "libs/base/time.h"

namespace steward::directory {

// `start` inclusive, `end` exclusive; the ends of time stand for "always" and "open".
struct Period {
  Time start = kMinTime;
  Time end = kMaxTime;

  bool Valid() const { return start < end; }
  bool Contains(Time t) const { return start <= t && t < end; }
  bool Overlaps(const Period& other) const { return start < other.end && other.start < end; }
  friend bool operator==(const Period&, const Period&) = default;
};

// What both have in common; not Valid() when nothing.
constexpr Period Intersect(const Period& a, const Period& b) {
  return {a.start < b.start ? b.start : a.start, a.end < b.end ? a.end : b.end};
}

}  // namespace steward::directory
