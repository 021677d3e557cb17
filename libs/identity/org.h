#pragma once
// The organisation in memory: who holds which role, who leads whom, at any instant. Pure: built from the directory's events.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/time.h"
#include "steward/directory/events/v1/directory_events.pb.h"

namespace steward::identity {

struct Recipient {
  std::string member;  // empty = nobody
  std::string basis;   // holder above anywhere fallback none
};

// Immutable; copy-on-write by the projection.
class Org {
 public:
  std::map<std::string, directory::events::v1::MemberState> members;
  std::map<std::string, directory::events::v1::TeamState> teams;
  std::map<std::string, directory::events::v1::RoleState> roles;

  bool Active(std::string_view member) const;
  bool OnLeave(std::string_view member, Time at) const;
  std::vector<std::string> RolesOf(std::string_view member, Time at) const;
  std::vector<std::string> GrantsOf(std::string_view member, Time at) const;
  std::optional<std::string> SuperiorOf(std::string_view member, Time at) const;
  std::optional<std::string> LeadOf(std::string_view team,
                                    Time at) const;  // lowest id when several
  // The first of the member's teams, in their order.
  std::optional<std::string> TeamOf(std::string_view member, Time at) const;
  // The member first, then superior by superior; ends before a repeat.
  std::vector<std::string> LineAbove(std::string_view member, Time at) const;
  bool IsAbove(std::string_view superior, std::string_view member, Time at) const;
  // Members below, direct and indirect.
  std::vector<std::string> Below(std::string_view member, Time at) const;
  // Teams of the member with all teams under them; `led_only`: only those the member leads.
  std::vector<std::string> TeamsOf(std::string_view member, bool led_only, Time at) const;

  // Rulings A7-A9: the nearest holder of the role above `member` (the member itself not), who is active and not on leave;
  // when holders above are all away or there is none, the nearest present superior of the last absent holder, or, with no
  // holder above, the active present holder anywhere with the lowest id; else the same for the fallback role.
  // Without a member: above the team's lead (the lead itself may be the holder); without either: anywhere.
  Recipient Resolve(std::string_view role, std::string_view member, std::string_view team,
                    std::string_view fallback_role, Time at) const;

  // INVALID_ARGUMENT naming the cycle (`members/a -> members/b -> members/a`) when at some instant a member is above itself.
  absl::Status CheckAcyclic() const;
};

}  // namespace steward::identity
