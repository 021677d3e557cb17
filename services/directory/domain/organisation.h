#pragma once
// The rules that span rows: what is named must exist, nobody is above oneself at any instant, an
// admin stays. Pure: filled by the storage layer, then overlaid with the rows that a command is
// about to write.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/directory/domain/member.h"
#include "services/directory/domain/role.h"
#include "services/directory/domain/team.h"

namespace steward::directory {

class Organisation {
 public:
  // Adds a row, or replaces the one of that name.
  void Put(const Member& member) { members_[member.name] = {member.placement, member.active}; }
  void Put(const Team& team) { parents_[team.name] = team.parent; }
  void Put(const Role& role) { admin_roles_[role.name] = role.Grants("admin"); }

  // Roles, teams and superiors that nobody knows; superiors that are service accounts.
  Violations CheckReferences(const Member& member) const;
  Violations CheckReferences(const Team& team) const;

  // INVALID_ARGUMENT, reason REPORTING_CYCLE or TEAM_CYCLE, when the way up from this row meets
  // itself at some instant, past or future. Text and metadata name the cycle (`members/a ->
  // members/b -> members/a`) and since when it holds.
  [[nodiscard]] absl::Status CheckNoCycle(const MemberName& from) const;
  [[nodiscard]] absl::Status CheckNoCycle(const TeamName& from) const;

  // Some active member holds a role with the grant `admin`.
  bool HasAdmin(Time now) const;

 private:
  struct Seat {
    Placement placement;
    bool active = true;
  };
  std::map<MemberName, Seat> members_;
  std::map<TeamName, TeamName> parents_;
  std::map<RoleName, bool> admin_roles_;
};

}  // namespace steward::directory
