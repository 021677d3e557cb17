#include "libs/identity/org.h"

#include <algorithm>
#include <set>

#include "libs/base/status.h"
#include "libs/identity/period.h"

namespace steward::identity {
namespace {

using directory::events::v1::MemberState;
using directory::v1::Member;

template <class State>
const State* FindState(const std::map<std::string, State>& states, std::string_view name) {
  const auto it = states.find(std::string(name));
  return it == states.end() ? nullptr : &it->second;
}

bool Person(const MemberState& state) { return state.kind() != Member::SYSTEM; }

// `members/a -> members/b -> members/a`, beginning with the lowest name.
std::string CycleText(std::vector<std::string> cycle) {
  std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  std::string text;
  for (const std::string& member : cycle) {
    text += member + " -> ";
  }
  return text + cycle.front();
}

}  // namespace

bool Org::Active(std::string_view member) const {
  const MemberState* state = FindState(members, member);
  return state != nullptr && state->active();
}

bool Org::OnLeave(std::string_view member, Time at) const {
  const MemberState* state = FindState(members, member);
  return state != nullptr && std::any_of(state->leaves().begin(), state->leaves().end(),
                                         [&](const auto& leave) { return Contains(leave, at); });
}

std::vector<std::string> Org::RolesOf(std::string_view member, Time at) const {
  std::set<std::string> roles;
  if (const MemberState* state = FindState(members, member)) {
    for (const auto& assignment : state->roles()) {
      if (Contains(assignment.period(), at)) {
        roles.insert(assignment.role());
      }
    }
  }
  return {roles.begin(), roles.end()};
}

std::vector<std::string> Org::GrantsOf(std::string_view member, Time at) const {
  std::set<std::string> grants;
  for (const std::string& role : RolesOf(member, at)) {
    if (const auto* state = FindState(roles, role)) {
      grants.insert(state->grants().begin(), state->grants().end());
    }
  }
  return {grants.begin(), grants.end()};
}

std::optional<std::string> Org::SuperiorOf(std::string_view member, Time at) const {
  const MemberState* state = FindState(members, member);
  if (state == nullptr || !Person(*state)) {
    return std::nullopt;
  }
  for (const auto& superior : state->superiors()) {
    if (Contains(superior.period(), at)) {
      const MemberState* above = FindState(members, superior.member());
      return above == nullptr || Person(*above) ? std::optional(superior.member()) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Org::LeadOf(std::string_view team, Time at) const {
  for (const auto& [name, state] : members) {  // by name, so the first is the lowest
    if (!state.active() || !Person(state)) {
      continue;
    }
    for (const auto& assignment : state.teams()) {
      if (assignment.lead() && assignment.team() == team && Contains(assignment.period(), at)) {
        return name;
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> Org::TeamOf(std::string_view member, Time at) const {
  if (const MemberState* state = FindState(members, member)) {
    for (const auto& assignment : state->teams()) {
      if (Contains(assignment.period(), at)) {
        return assignment.team();
      }
    }
  }
  return std::nullopt;
}

std::vector<std::string> Org::LineAbove(std::string_view member, Time at) const {
  std::vector<std::string> line;
  std::set<std::string> seen;
  std::optional<std::string> next(member);
  while (next && seen.insert(*next).second) {
    line.push_back(*next);
    next = SuperiorOf(line.back(), at);
  }
  return line;
}

bool Org::IsAbove(std::string_view superior, std::string_view member, Time at) const {
  const std::vector<std::string> line = LineAbove(member, at);
  return std::find(line.begin() + 1, line.end(), superior) != line.end();
}

std::vector<std::string> Org::Below(std::string_view member, Time at) const {
  std::multimap<std::string, std::string> led;
  for (const auto& [name, state] : members) {
    if (auto superior = SuperiorOf(name, at)) {
      led.emplace(*std::move(superior), name);
    }
  }
  std::set<std::string> below;
  std::vector<std::string> open = {std::string(member)};
  while (!open.empty()) {
    const auto [first, last] = led.equal_range(open.back());
    open.pop_back();
    for (auto it = first; it != last; ++it) {
      if (it->second != member && below.insert(it->second).second) {
        open.push_back(it->second);
      }
    }
  }
  return {below.begin(), below.end()};
}

std::vector<std::string> Org::TeamsOf(std::string_view member, bool led_only, Time at) const {
  std::set<std::string> found;
  if (const MemberState* state = FindState(members, member)) {
    for (const auto& assignment : state->teams()) {
      if ((assignment.lead() || !led_only) && Contains(assignment.period(), at)) {
        found.insert(assignment.team());
      }
    }
  }
  if (found.empty()) {
    return {};
  }
  // Parents may come after their children by name: again until nothing is added.
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [name, state] : teams) {
      if (!state.parent().empty() && found.contains(state.parent())) {
        grew = found.insert(name).second || grew;
      }
    }
  }
  return {found.begin(), found.end()};
}

// Who a member's superior is changes only where one of that member's own periods begins or ends. Of
// all such instants of a cycle's members take the last one before the cycle is seen: the cycle is
// complete there, and it is looked for there.
absl::Status Org::CheckAcyclic() const {
  for (const auto& [name, state] : members) {
    std::set<Time> instants;
    for (const auto& superior : state.superiors()) {
      instants.insert(StartOf(superior.period()));
      instants.insert(EndOf(superior.period()));
    }
    for (const Time at : instants) {
      const std::vector<std::string> line = LineAbove(name, at);
      const std::optional<std::string> next = SuperiorOf(line.back(), at);
      if (next == name) {
        return Refuse(
            absl::StatusCode::kInvalidArgument, "reporting lines form a cycle: " + CycleText(line),
            {.reason = "REPORTING_CYCLE",
             .metadata = {{"cycle", CycleText(line)}},
             .fields = {{"superiors", "reporting lines form a cycle: " + CycleText(line)}}});
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace steward::identity
