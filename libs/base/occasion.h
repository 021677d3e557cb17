#pragma once
// Who says that something happened, and when (rulings A5, C16, H15). A beginning may be told late; what stops a clock of the SLA
// service needs a supervisor and a reason when it is told late.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"

namespace steward {

// How far from now a fact may lie: one setting each.
struct TimeRules {
  Duration ahead = Seconds(60);             // difference of clocks that is let pass
  Duration back = Hours(24 * 90);           // calls and visits are typed late
  Duration import_back = Hours(24 * 3650);  // by an importer
  Duration fact_back = Minutes(10);  // facts that stop clocks: above it a supervisor, a reason
};

struct Occasion {
  std::string actor;               // members/{id}
  Time now;                        // when it is said
  std::optional<Time> given = {};  // when it happened; nullopt = now
  bool back_dated = false;         // said more than `fact_back` after it happened
  Uuid event_id = {};  // of the one event that the command adds, where the domain keeps it
};

struct Speaker {
  std::string actor;
  bool importer = false, supervisor = false;
};

// When something began: `given` or now. INVALID_ARGUMENT naming `field`: too far ahead, or back by more than the speaker may.
absl::StatusOr<Time> CheckBeginning(std::string_view field, const TimeRules& rules, Time now,
                                    std::optional<Time> given, bool importer);
// A fact that stops no clock: the limits of a beginning, on `occurred_at`.
absl::StatusOr<Occasion> CheckOccasion(const TimeRules& rules, const Speaker& speaker,
                                       const Uuid& event_id, Time now, std::optional<Time> given);
// A fact that may stop a clock: as far back as it happened. INVALID_ARGUMENT naming `occurred_at` (ahead) or `reason`;
// PERMISSION_DENIED BACK_DATING_NEEDS_SUPERVISOR. An importer needs neither supervisor nor reason.
absl::StatusOr<Occasion> CheckStopOccasion(const TimeRules& rules, const Speaker& speaker,
                                           const Uuid& event_id, Time now,
                                           std::optional<Time> given, std::string_view reason);
// When it happened: as given and not before `earliest` (INVALID_ARGUMENT naming `occurred_at` and `what`, which it must follow), else
// now, or `earliest` where that is later.
absl::StatusOr<Time> InstantOf(const Occasion& occasion, Time earliest, std::string_view what);

}  // namespace steward
