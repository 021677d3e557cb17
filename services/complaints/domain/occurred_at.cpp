#include "services/complaints/domain/occurred_at.h"

#include "libs/base/status.h"

namespace steward::complaints {
namespace {

absl::Status CheckNotAhead(std::string_view field, const TimeRules& rules, Time now, Time given) {
  if (given > now + rules.ahead) {
    return FieldInvalid(
        field, "lies more than " + FormatDuration(rules.ahead) + " ahead of " + FormatTime(now));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Time> CheckRegistrationTime(const TimeRules& rules, Time now,
                                           std::optional<Time> given, bool importer) {
  if (!given) {
    return now;
  }
  RETURN_IF_ERROR(CheckNotAhead("ticket.occurred_at", rules, now, *given));
  const Duration limit = importer ? rules.import_back : rules.registration_back;
  if (*given < now - limit) {
    return FieldInvalid("ticket.occurred_at", "lies more than " + FormatDuration(limit) +
                                                  " back from " + FormatTime(now));
  }
  return *given;
}

absl::StatusOr<Occasion> CheckFactTime(const TimeRules& rules, std::string_view actor, Time now,
                                       std::optional<Time> given, bool supervisor,
                                       std::string_view reason) {
  Occasion occasion{std::string(actor), now, given, false};
  if (!given) {
    return occasion;
  }
  RETURN_IF_ERROR(CheckNotAhead("occurred_at", rules, now, *given));
  occasion.back_dated = *given < now - rules.fact_back;
  if (occasion.back_dated && !supervisor) {
    const std::string limit = FormatDuration(rules.fact_back);
    return Refuse(
        absl::StatusCode::kPermissionDenied,
        "a fact that happened more than " + limit + " ago is recorded by a supervisor",
        {"BACK_DATING_NEEDS_SUPERVISOR", {{"limit", limit}, {"grant", "supervisor"}}, {}, {}});
  }
  if (occasion.back_dated && reason.empty()) {
    return FieldInvalid("reason", "is needed when `occurred_at` lies more than " +
                                      FormatDuration(rules.fact_back) + " back");
  }
  return occasion;
}

}  // namespace steward::complaints
