// Who is told (rulings A7-A9).

#include <algorithm>

#include "libs/identity/org.h"

namespace steward::identity {
namespace {

using directory::v1::Member;

class Resolver {
 public:
  Resolver(const Org& org, Time at) : org_(org), at_(at) {}

  // `line`: who is asked, nearest first.
  std::optional<Recipient> Find(std::string_view role, const std::vector<std::string>& line) const {
    auto last_absent = line.end();
    for (auto it = line.begin(); it != line.end(); ++it) {
      if (Holds(*it, role)) {
        if (Present(*it)) {
          return Recipient{*it, "holder"};
        }
        last_absent = it;
      }
    }
    if (last_absent != line.end()) {
      const auto above = std::find_if(last_absent + 1, line.end(),
                                      [&](const std::string& m) { return Present(m); });
      if (above != line.end()) {
        return Recipient{*above, "above"};
      }
    }
    for (const auto& [name, state] : org_.members) {  // by name, so the first is the lowest
      if (Holds(name, role) && Present(name)) {
        return Recipient{name, "anywhere"};
      }
    }
    return std::nullopt;
  }

 private:
  bool Holds(const std::string& member, std::string_view role) const {
    const std::vector<std::string> roles = org_.RolesOf(member, at_);
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  }
  // Works here, is not on leave, and is a person.
  bool Present(const std::string& member) const {
    const auto it = org_.members.find(member);
    return it != org_.members.end() && it->second.active() && it->second.kind() != Member::SYSTEM &&
           !org_.OnLeave(member, at_);
  }

  const Org& org_;
  const Time at_;
};

std::vector<std::string> WayUp(const Org& org, std::string_view member, std::string_view team,
                               Time at) {
  if (!member.empty()) {
    std::vector<std::string> line = org.LineAbove(member, at);
    line.erase(line.begin());
    return line;
  }
  const std::optional<std::string> lead = team.empty() ? std::nullopt : org.LeadOf(team, at);
  return lead ? org.LineAbove(*lead, at) : std::vector<std::string>();
}

}  // namespace

Recipient Org::Resolve(std::string_view role, std::string_view member, std::string_view team,
                       std::string_view fallback_role, Time at) const {
  const Resolver resolver(*this, at);
  const std::vector<std::string> line = WayUp(*this, member, team, at);
  if (auto found = resolver.Find(role, line)) {
    return *std::move(found);
  }
  if (!fallback_role.empty()) {
    if (auto found = resolver.Find(fallback_role, line)) {
      return {found->member, "fallback"};
    }
  }
  return {"", "none"};
}

}  // namespace steward::identity
