#pragma once
// PostgreSQL's binary format: big-endian integers, instants in microseconds since 2000. Private to libs/pg.

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/time.h"

namespace steward::pg::wire {

enum Oid : uint32_t {
  kUnknown = 0,
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kFloat4 = 700,
  kFloat8 = 701,
  kBoolArray = 1000,
  kByteaArray = 1001,
  kInt2Array = 1005,
  kInt4Array = 1007,
  kTextArray = 1009,
  kVarcharArray = 1015,
  kInt8Array = 1016,
  kBpchar = 1042,
  kVarchar = 1043,
  kTimestamptz = 1184,
  kTimestamptzArray = 1185,
  kUuid = 2950,
  kUuidArray = 2951,
  kXid8 = 5069,
};

template <class Unsigned>
void AppendUnsigned(std::string& out, Unsigned v) {
  for (int shift = static_cast<int>(sizeof(v)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((v >> shift) & 0xff));
  }
}
inline void AppendInt16(std::string& out, int16_t v) {
  AppendUnsigned(out, static_cast<uint16_t>(v));
}
inline void AppendInt32(std::string& out, int32_t v) {
  AppendUnsigned(out, static_cast<uint32_t>(v));
}
inline void AppendInt64(std::string& out, int64_t v) {
  AppendUnsigned(out, static_cast<uint64_t>(v));
}

// The integer of 2, 4 or 8 bytes at `p`.
inline int64_t ReadInt(const char* p, int bytes) {
  uint64_t v = 0;
  for (int i = 0; i < bytes; ++i) {
    v = (v << 8) | static_cast<uint8_t>(p[i]);
  }
  const int unused = 64 - 8 * bytes;
  return static_cast<int64_t>(v << unused) >> unused;
}

inline constexpr int64_t kEpochShift = 946'684'800'000'000;  // 2000-01-01 in Unix microseconds
inline constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max();
inline constexpr int64_t kMinusInfinity = std::numeric_limits<int64_t>::min();

// The ends of time are PostgreSQL's infinities.
inline int64_t FromTime(Time t) {
  if (t >= kMaxTime) {
    return kInfinity;
  }
  return t <= kMinTime ? kMinusInfinity : t.micros - kEpochShift;
}
inline Time ToTime(int64_t v) {
  if (v == kInfinity) {
    return kMaxTime;
  }
  return v == kMinusInfinity ? kMinTime : Time{v + kEpochShift};
}

}  // namespace steward::pg::wire
