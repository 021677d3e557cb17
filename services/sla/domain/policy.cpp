#include "services/sla/domain/policy.h"

#include <algorithm>

#include "libs/base/status.h"

namespace steward::sla {
namespace {

bool Contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool AnyOf(const std::vector<std::string>& wanted, const std::vector<std::string>& have) {
  return wanted.empty() ||
         std::any_of(have.begin(), have.end(), [&](const auto& h) { return Contains(wanted, h); });
}

bool OneOf(const std::vector<std::string>& wanted, const std::string& have) {
  return wanted.empty() || Contains(wanted, have);
}

void CheckTarget(const Target& target, bool has_calendar, std::vector<FieldViolation>& faults) {
  switch (target.kind) {
    case Target::Kind::kWallClock:
    case Target::Kind::kWorkingTime:
      if (target.amount <= Duration{0}) {
        faults.push_back({"policy.target", "must be longer than 0 s"});
      } else if (target.amount > Hours(24 * 366 * 5)) {
        faults.push_back({"policy.target", "must be at most 5 years"});
      }
      break;
    case Target::Kind::kWorkingDays:
    case Target::Kind::kCalendarDays:
      if (target.days < 1 || target.days > 1000) {
        faults.push_back({"policy.target", "days must be 1 to 1000"});
      }
      break;
    case Target::Kind::kImmediate:
      break;
  }
  if (NeedsCalendar(target) && !has_calendar) {
    faults.push_back({"policy.calendar", "is needed for this target: name calendars/{id}"});
  }
}

}  // namespace

bool Matches(const Match& match, const Attributes& attributes) {
  return AnyOf(match.kinds, attributes.kind_path) && OneOf(match.severities, attributes.severity) &&
         AnyOf(match.tiers, attributes.tiers) && OneOf(match.channels, attributes.channel) &&
         OneOf(match.regions, attributes.region);
}

int Specificity(const Match& match) {
  return !match.kinds.empty() + !match.severities.empty() + !match.tiers.empty() +
         !match.channels.empty() + !match.regions.empty();
}

absl::Status CheckPolicy(const Policy& policy) {
  std::vector<FieldViolation> faults;
  CheckTarget(policy.target, !policy.calendar.empty(), faults);
  if (policy.start_event == policy.stop_event) {
    faults.push_back({"policy.stop_event", "must differ from start_event"});
  }
  if (StopsOnAcknowledgement(policy) && policy.levels.empty()) {
    faults.push_back({"policy.levels", "are needed: without one nothing can be acknowledged"});
  }
  for (size_t i = 0; i < policy.warnings.size(); ++i) {
    const auto* share = std::get_if<Share>(&policy.warnings[i].moment);
    if (share != nullptr && !(share->percent > 0 && share->percent < 100)) {
      faults.push_back(
          {"policy.warnings[" + std::to_string(i) + "].share_percent",
           "must lie between 0 and 100, both excluded; a level may fire at or after due"});
    }
  }
  for (size_t i = 0; i < policy.levels.size(); ++i) {
    const std::string path = "policy.levels[" + std::to_string(i) + "]";
    const LevelSpec& level = policy.levels[i];
    if (level.at && level.interval) {
      faults.push_back({path + ".interval", "give either `at` or `interval`"});
    }
    if (i == 0 && !level.at) {
      faults.push_back({path + ".at", "is needed for the first level"});
    }
    if (level.interval && *level.interval <= Duration{0}) {
      faults.push_back({path + ".interval", "must be longer than 0 s"});
    }
    const auto* share = level.at ? std::get_if<Share>(&level.at->moment) : nullptr;
    if (share != nullptr && !(share->percent > 0 && share->percent <= 10'000)) {
      faults.push_back({path + ".at.share_percent", "must be above 0 and at most 10000"});
    }
  }
  return faults.empty() ? absl::OkStatus() : FieldsInvalid(std::move(faults));
}

bool PausesOn(const Policy& policy, std::string_view cause) {
  return Contains(policy.pause_causes, "*") || Contains(policy.pause_causes, cause);
}

bool RestartsOnReopen(const Policy& policy) {
  return policy.stop_event == "ticket.resolved" || policy.stop_event == "ticket.verified" ||
         policy.stop_event == "ticket.closed";
}

bool StopsOnAcknowledgement(const Policy& policy) {
  return policy.stop_event == "escalation.acknowledged";
}

const Policy* RuleSet::InForceAt(const std::string& name, Time start) const {
  const auto found = in_force.find(name);
  if (found == in_force.end()) {
    return nullptr;
  }
  const PolicyInForce* best = nullptr;
  for (const PolicyInForce& version : found->second) {
    if (!version.effective_from || *version.effective_from <= start) {
      best = &version;
    }
  }
  if (best == nullptr || (best->deactivated_from && *best->deactivated_from <= start)) {
    return nullptr;
  }
  return &best->policy;
}

const Policy* RuleSet::Find(const std::string& name, int version) const {
  const auto found = versions.find({name, version});
  return found == versions.end() ? nullptr : &found->second;
}

const CompiledCalendar* RuleSet::Calendar(const std::string& name, int version) const {
  const auto found = calendars.find({name, version});
  return found == calendars.end() ? nullptr : found->second.get();
}

int RuleSet::ActiveCalendar(const std::string& name) const {
  const auto found = active_calendars.find(name);
  return found == active_calendars.end() ? 0 : found->second;
}

}  // namespace steward::sla
