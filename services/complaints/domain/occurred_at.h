#pragma once
// How far from now a fact may lie (rulings A5, C16, H15): one setting each.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace steward::complaints {

struct TimeRules {
  Duration ahead = Seconds(60);                 // difference of clocks that is let pass
  Duration registration_back = Hours(24 * 90);  // calls are typed late
  Duration import_back = Hours(24 * 3650);      // registration by an importer
  Duration fact_back = Minutes(10);  // older facts need the supervisor grant and a reason
};

// Who says that something happened, and when.
struct Occasion {
  std::string actor;          // members/{id}
  Time now;                   // when it is said
  std::optional<Time> given;  // when it happened; nullopt = now
  bool back_dated = false;    // said more than `fact_back` after it happened
};

// When a ticket was raised: `given` or now. INVALID_ARGUMENT naming `ticket.occurred_at`.
absl::StatusOr<Time> CheckRegistrationTime(const TimeRules& rules, Time now,
                                           std::optional<Time> given, bool importer);
// A fact about a ticket. INVALID_ARGUMENT naming `occurred_at` or `reason`; PERMISSION_DENIED
// BACK_DATING_NEEDS_SUPERVISOR.
absl::StatusOr<Occasion> CheckFactTime(const TimeRules& rules, std::string_view actor, Time now,
                                       std::optional<Time> given, bool supervisor,
                                       std::string_view reason);

}  // namespace steward::complaints
