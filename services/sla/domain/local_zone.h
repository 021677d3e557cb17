#pragma once
// A time zone reduced to its changes of offset over some years, so that replicas with other zone
// data map local times alike (ruling H27).

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace steward::sla {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

// From `at` on, local time = UTC + `offset`. Microseconds.
struct Shift {
  int64_t at = 0;
  int64_t offset = 0;
  friend bool operator==(const Shift&, const Shift&) = default;
};

class LocalZone {
 public:
  LocalZone() : shifts_{{kBeginning, 0}} {}
  // The first shift counts from the beginning of time; the others are sorted by `at`.
  explicit LocalZone(std::vector<Shift> shifts);
  // Changes between two UTC instants. INVALID_ARGUMENT for a zone that is not an IANA name: the
  // server's own zone, a path and a POSIX rule are refused.
  static absl::StatusOr<LocalZone> Load(const std::string& name, int64_t from, int64_t to);

  int64_t OffsetAt(int64_t utc) const;
  // R8, R9: a local time that does not exist is the transition instant, an ambiguous one its first
  // occurrence. Monotone.
  int64_t ToUtc(int64_t local) const;
  const std::vector<Shift>& shifts() const { return shifts_; }

 private:
  static constexpr int64_t kBeginning = INT64_MIN;
  std::vector<Shift> shifts_;
};

}  // namespace steward::sla
