#include "services/sla/domain/local_zone.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/zone.h"

namespace steward::sla {
namespace {

// No zone lies further from UTC, whatever it changes to.
constexpr int64_t kWidestOffset = 26 * 3'600 * kMicrosPerSecond;

int64_t OffsetOf(const absl::TimeZone& zone, absl::Time at) {
  return int64_t{zone.At(at).offset} * kMicrosPerSecond;
}

}  // namespace

LocalZone::LocalZone(std::vector<Shift> shifts) : shifts_(std::move(shifts)) {
  shifts_.front().at = kBeginning;
}

absl::StatusOr<LocalZone> LocalZone::Load(const std::string& name, int64_t from, int64_t to) {
  ASSIGN_OR_RETURN(const absl::TimeZone zone, LoadZone("time_zone", name));
  absl::Time cursor = absl::FromUnixMicros(from);
  std::vector<Shift> shifts{{kBeginning, OffsetOf(zone, cursor)}};
  absl::TimeZone::CivilTransition change;
  while (zone.NextTransition(cursor, &change)) {
    // `change.from` is the local time, by the old offset, at which the clocks were changed.
    const absl::CivilSecond epoch(1970, 1, 1);
    const int64_t at = (change.from - epoch) * kMicrosPerSecond - OffsetOf(zone, cursor);
    if (at >= to) {
      break;
    }
    cursor = absl::FromUnixMicros(at);
    const int64_t offset = OffsetOf(zone, cursor);
    if (offset != shifts.back().offset) {  // a change of name or of summer time alone is none
      shifts.push_back({at, offset});
    }
  }
  return LocalZone(std::move(shifts));
}

int64_t LocalZone::OffsetAt(int64_t utc) const {
  const auto after = std::upper_bound(shifts_.begin(), shifts_.end(), utc,
                                      [](int64_t t, const Shift& shift) { return t < shift.at; });
  return after == shifts_.begin() ? after->offset : std::prev(after)->offset;
}

int64_t LocalZone::ToUtc(int64_t local) const {
  auto shift = std::upper_bound(shifts_.begin() + 1, shifts_.end(), local - kWidestOffset,
                                [](int64_t t, const Shift& s) { return t < s.at; });
  --shift;
  // The first stretch whose local times reach this far; before its start lies a gap.
  for (auto next = std::next(shift); next != shifts_.end(); shift = next++) {
    if (local - shift->offset < next->at) {
      break;
    }
  }
  return std::max(local - shift->offset, shift->at);
}

}  // namespace steward::sla
