#pragma once
// Between the API's messages and the domain's types.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/directory/domain/member.h"
#include "services/directory/domain/role.h"
#include "services/directory/domain/team.h"
#include "steward/directory/v1/directory.pb.h"

namespace steward::directory {

namespace pb = ::steward::directory::v1;

std::string Etag(int64_t version);
pb::Member ToProto(const Member& member);
pb::Team ToProto(const Team& team);
pb::Role ToProto(const Role& role);

// What a client may set, checked as far as the row alone allows. INVALID_ARGUMENT names every field
// at fault below `row` (`member`, or `members[12]` in an import).
absl::StatusOr<Member> FromProto(const pb::Member& member, std::string_view row);
absl::StatusOr<Team> FromProto(const pb::Team& team, std::string_view row);
absl::StatusOr<Role> FromProto(const pb::Role& role, std::string_view row);

pb::Period ToProto(const Period& period);
pb::Member::Kind ToProto(MemberKind kind);

// The lists of a placement, as the resource and the event both have them.
template <class Message>
void FillPlacement(const Placement& placement, Message* message) {
  message->set_kind(ToProto(placement.kind));
  for (const RoleHeld& held : placement.roles) {
    auto* role = message->add_roles();
    role->set_role(held.role.value);
    *role->mutable_period() = ToProto(held.period);
  }
  for (const TeamHeld& held : placement.teams) {
    auto* team = message->add_teams();
    team->set_team(held.team.value);
    *team->mutable_period() = ToProto(held.period);
    team->set_lead(held.lead);
  }
  for (const SuperiorHeld& held : placement.superiors) {
    auto* superior = message->add_superiors();
    superior->set_member(held.member.value);
    *superior->mutable_period() = ToProto(held.period);
  }
  for (const Period& leave : placement.leaves) {
    *message->add_leaves() = ToProto(leave);
  }
}

}  // namespace steward::directory
