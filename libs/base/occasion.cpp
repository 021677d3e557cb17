#include "libs/base/occasion.h"

#include <algorithm>

#include "libs/base/status.h"

namespace steward {
namespace {

absl::Status CheckNotAhead(std::string_view field, const TimeRules& rules, Time now, Time given) {
  if (given > now + rules.ahead) {
    return FieldInvalid(
        field, "lies more than " + FormatDuration(rules.ahead) + " ahead of " + FormatTime(now));
  }
  return absl::OkStatus();
}

Occasion Make(const TimeRules& rules, const Speaker& speaker, const Uuid& event_id, Time now,
              std::optional<Time> given) {
  return {speaker.actor, now, given, given && *given < now - rules.fact_back, event_id};
}

}  // namespace

absl::StatusOr<Time> CheckBeginning(std::string_view field, const TimeRules& rules, Time now,
                                    std::optional<Time> given, bool importer) {
  if (!given) {
    return now;
  }
  RETURN_IF_ERROR(CheckNotAhead(field, rules, now, *given));
  const Duration limit = importer ? rules.import_back : rules.back;
  if (*given < now - limit) {
    return FieldInvalid(
        field, "lies more than " + FormatDuration(limit) + " back from " + FormatTime(now));
  }
  return *given;
}

absl::StatusOr<Occasion> CheckOccasion(const TimeRules& rules, const Speaker& speaker,
                                       const Uuid& event_id, Time now, std::optional<Time> given) {
  RETURN_IF_ERROR(CheckBeginning("occurred_at", rules, now, given, speaker.importer).status());
  return Make(rules, speaker, event_id, now, given);
}

absl::StatusOr<Occasion> CheckStopOccasion(const TimeRules& rules, const Speaker& speaker,
                                           const Uuid& event_id, Time now,
                                           std::optional<Time> given, std::string_view reason) {
  if (given) {
    RETURN_IF_ERROR(CheckNotAhead("occurred_at", rules, now, *given));
  }
  const Occasion occasion = Make(rules, speaker, event_id, now, given);
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

}  // namespace steward
