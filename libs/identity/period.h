#pragma once
// Periods of the directory's messages as instants. Private to libs/identity.

#include "libs/base/time.h"
#include "steward/directory/v1/directory.pb.h"

namespace steward::identity {

inline Time TimeOf(const google::protobuf::Timestamp& t) {
  return Time{t.seconds() * 1'000'000 + t.nanos() / 1'000};
}
inline Time StartOf(const directory::v1::Period& period) {
  return period.has_start_time() ? TimeOf(period.start_time()) : kMinTime;
}
inline Time EndOf(const directory::v1::Period& period) {
  return period.has_end_time() ? TimeOf(period.end_time()) : kMaxTime;
}
inline bool Contains(const directory::v1::Period& period, Time at) {
  return StartOf(period) <= at && at < EndOf(period);
}

}  // namespace steward::identity
