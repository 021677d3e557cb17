#pragma once
// Who says that something happened, and when (rulings A5, C16). A start or a move may be said late;
// what stops a clock of the SLA service needs a supervisor when it is said late.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"

namespace steward::leads {

struct TimeRules {
  Duration ahead = Seconds(60);             // difference of clocks that is let pass
  Duration back = Hours(24 * 90);           // visits and moves are typed late
  Duration import_back = Hours(24 * 3650);  // by an importer
  Duration fact_back = Minutes(10);  // facts that stop clocks: above it a supervisor, a reason
};

// Every command adds one event; its id is made by the caller.
struct Occasion {
  std::string actor;          // members/{id}
  Time now;                   // when it is said
  std::optional<Time> given;  // when it happened; nullopt = now
  Uuid event_id;
  bool back_dated = false;  // said more than `fact_back` after it happened
};

struct Speaker {
  std::string actor;
  bool importer = false, supervisor = false;
};

// INVALID_ARGUMENT naming `occurred_at`: too far ahead, or back by more than the speaker may.
absl::StatusOr<Occasion> CheckOccasion(const TimeRules& rules, const Speaker& speaker,
                                       const Uuid& event_id, Time now, std::optional<Time> given);
// For facts that stop a clock. Besides: PERMISSION_DENIED BACK_DATING_NEEDS_SUPERVISOR, and
// INVALID_ARGUMENT naming `reason` when one is needed; an importer needs neither.
absl::StatusOr<Occasion> CheckStopOccasion(const TimeRules& rules, const Speaker& speaker,
                                           const Uuid& event_id, Time now,
                                           std::optional<Time> given, std::string_view reason);
// When it happened: as given and not before `earliest` (INVALID_ARGUMENT naming `occurred_at` and
// `what`, the fact that it must follow), else now.
absl::StatusOr<Time> InstantOf(const Occasion& occasion, Time earliest, std::string_view what);

}  // namespace steward::leads
