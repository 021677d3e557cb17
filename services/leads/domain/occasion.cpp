#include "services/leads/domain/occasion.h"

#include <algorithm>

#include "libs/base/status.h"

namespace steward::leads {

absl::StatusOr<Occasion> CheckOccasion(const TimeRules& rules, const Speaker& speaker,
                                       const Uuid& event_id, Time now, std::optional<Time> given) {
  Occasion occasion{speaker.actor, now, given, event_id, false};
  if (!given) {
    return occasion;
  }
  if (*given > now + rules.ahead) {
    return FieldInvalid("occurred_at", "lies more than " + FormatDuration(rules.ahead) +
                                           " ahead of " + FormatTime(now));
  }
  const Duration limit = speaker.importer ? rules.import_back : rules.back;
  if (*given < now - limit) {
    return FieldInvalid(
        "occurred_at", "lies more than " + FormatDuration(limit) + " back from " + FormatTime(now));
  }
  occasion.back_dated = *given < now - rules.fact_back;
  return occasion;
}

absl::StatusOr<Occasion> CheckStopOccasion(const TimeRules& rules, const Speaker& speaker,
                                           const Uuid& event_id, Time now,
                                           std::optional<Time> given, std::string_view reason) {
  ASSIGN_OR_RETURN(Occasion occasion, CheckOccasion(rules, speaker, event_id, now, given));
  if (!occasion.back_dated || speaker.importer) {
    return occasion;
  }
  const std::string limit = FormatDuration(rules.fact_back);
  if (!speaker.supervisor) {
    return Refuse(
        absl::StatusCode::kPermissionDenied,
        "a fact that happened more than " + limit + " ago is recorded by a supervisor",
        {"BACK_DATING_NEEDS_SUPERVISOR", {{"limit", limit}, {"grant", "supervisor"}}, {}, {}});
  }
  if (reason.empty()) {
    return FieldInvalid("reason", "is needed when `occurred_at` lies more than " + limit + " back");
  }
  return occasion;
}

absl::StatusOr<Time> InstantOf(const Occasion& occasion, Time earliest, std::string_view what) {
  if (!occasion.given) {
    return std::max(occasion.now, earliest);
  }
  if (*occasion.given < earliest) {
    return FieldInvalid("occurred_at",
                        "lies before " + FormatTime(earliest) + ", " + std::string(what));
  }
  return *occasion.given;
}

}  // namespace steward::leads
