#include "libs/rpc/call.h"

#include <algorithm>

#include "libs/base/clock.h"

namespace steward::rpc {

bool Call::HasGrant(std::string_view grant) const {
  return std::find(grants.begin(), grants.end(), grant) != grants.end();
}

Duration Call::TimeLeft() const { return Duration{deadline_micros - MonotonicMicros()}; }

}  // namespace steward::rpc
