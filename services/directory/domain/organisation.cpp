#include "services/directory/domain/organisation.h"

#include <algorithm>
#include <functional>

namespace steward::directory {
namespace {

struct Step {
  std::string above;
  Period period;
};
using StepsOf = std::function<std::vector<Step>(const std::string&)>;

struct Cycle {
  std::vector<std::string> names;  // the first one again at the end
  Time since;
};

// Walks up from the end of `path` as long as the whole path holds at once. Steps of one row do not
// overlap, so the branches share the time among them, and the walk visits each instant's line once.
std::optional<Cycle> FindCycle(const StepsOf& steps_of, std::vector<std::string>& path,
                               const Period& during) {
  for (const Step& step : steps_of(path.back())) {
    const Period common = Intersect(during, step.period);
    if (!common.Valid()) {
      continue;
    }
    if (auto met = std::find(path.begin(), path.end(), step.above); met != path.end()) {
      Cycle cycle{{met, path.end()}, common.start};
      cycle.names.push_back(step.above);
      return cycle;
    }
    path.push_back(step.above);
    if (auto cycle = FindCycle(steps_of, path, common)) {
      return cycle;
    }
    path.pop_back();
  }
  return std::nullopt;
}

absl::Status CheckNoCycleFrom(const std::string& from, const StepsOf& steps_of,
                              std::string_view reason, std::string_view what) {
  std::vector<std::string> path = {from};
  const auto cycle = FindCycle(steps_of, path, Period{});
  if (!cycle) {
    return absl::OkStatus();
  }
  std::string names;
  for (const std::string& name : cycle->names) {
    names += (names.empty() ? "" : " -> ") + name;
  }
  const std::string since = cycle->since == kMinTime ? "always" : FormatTime(cycle->since);
  const std::string when = cycle->since == kMinTime ? "" : " from " + since;
  return Refuse(
      absl::StatusCode::kInvalidArgument,
      std::string(what) + " would be a cycle" + when + ": " + names,
      Refusal{std::string(reason), {{"cycle", names}, {"since", since}}, {}, std::nullopt});
}

std::string At(std::string_view list, size_t index, std::string_view key) {
  return std::string(list) + "[" + std::to_string(index) + "]." + std::string(key);
}

}  // namespace

Violations Organisation::CheckReferences(const Member& member) const {
  Violations violations;
  const Placement& placement = member.placement;
  for (size_t i = 0; i < placement.roles.size(); ++i) {
    if (!admin_roles_.contains(placement.roles[i].role)) {
      violations.push_back(
          {At("roles", i, "role"), placement.roles[i].role.value + " does not exist"});
    }
  }
  for (size_t i = 0; i < placement.teams.size(); ++i) {
    if (!parents_.contains(placement.teams[i].team)) {
      violations.push_back(
          {At("teams", i, "team"), placement.teams[i].team.value + " does not exist"});
    }
  }
  for (size_t i = 0; i < placement.superiors.size(); ++i) {
    const MemberName& superior = placement.superiors[i].member;
    const auto found = members_.find(superior);
    if (found == members_.end()) {
      violations.push_back({At("superiors", i, "member"), superior.value + " does not exist"});
    } else if (found->second.placement.kind == MemberKind::kSystem) {
      violations.push_back(
          {At("superiors", i, "member"), superior.value + " is a service account"});
    }
  }
  if (placement.kind == MemberKind::kSystem) {
    for (const auto& [name, seat] : members_) {
      const auto& superiors = seat.placement.superiors;
      if (std::any_of(superiors.begin(), superiors.end(),
                      [&](const SuperiorHeld& s) { return s.member == member.name; })) {
        violations.push_back({"kind", "SYSTEM: " + name.value + " has it as superior"});
        break;
      }
    }
  }
  return violations;
}

Violations Organisation::CheckReferences(const Team& team) const {
  if (team.parent.empty() || parents_.contains(team.parent)) {
    return {};
  }
  return {{"parent", team.parent.value + " does not exist"}};
}

absl::Status Organisation::CheckNoCycle(const MemberName& from) const {
  const StepsOf superiors = [this](const std::string& name) {
    std::vector<Step> steps;
    if (const auto found = members_.find(MemberName{name}); found != members_.end()) {
      for (const SuperiorHeld& superior : found->second.placement.superiors) {
        steps.push_back({superior.member.value, superior.period});
      }
    }
    return steps;
  };
  return CheckNoCycleFrom(from.value, superiors, "REPORTING_CYCLE", "the reporting line");
}

absl::Status Organisation::CheckNoCycle(const TeamName& from) const {
  const StepsOf parent = [this](const std::string& name) {
    std::vector<Step> steps;
    if (const auto found = parents_.find(TeamName{name});
        found != parents_.end() && !found->second.empty()) {
      steps.push_back({found->second.value, Period{}});
    }
    return steps;
  };
  return CheckNoCycleFrom(from.value, parent, "TEAM_CYCLE", "the tree of teams");
}

bool Organisation::HasAdmin(Time now) const {
  return std::any_of(members_.begin(), members_.end(), [&](const auto& entry) {
    const Seat& seat = entry.second;
    return seat.active && std::any_of(seat.placement.roles.begin(), seat.placement.roles.end(),
                                      [&](const RoleHeld& held) {
                                        const auto role = admin_roles_.find(held.role);
                                        return held.period.Contains(now) &&
                                               role != admin_roles_.end() && role->second;
                                      });
  });
}

}  // namespace steward::directory
