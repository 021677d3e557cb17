#include "services/directory/events/directory_events.h"

#include "libs/identity/projection.h"
#include "services/directory/api/mapping.h"

namespace steward::directory {

pb_events::MemberState ToState(const Member& member) {
  pb_events::MemberState state;
  FillPlacement(member.placement, &state);
  state.set_active(member.active);
  state.set_external_subject_digest(identity::SubjectDigest(member.profile.external_subject));
  return state;
}

pb_events::TeamState ToState(const Team& team) {
  pb_events::TeamState state;
  state.set_parent(team.parent.value);
  state.set_region(team.region);
  return state;
}

pb_events::RoleState ToState(const Role& role) {
  pb_events::RoleState state;
  state.mutable_grants()->Add(role.grants.begin(), role.grants.end());
  return state;
}

pb_events::DirectoryEvent ToEvent(MemberEvent event, const Member& member) {
  pb_events::DirectoryEvent message;
  switch (event) {
    case MemberEvent::kAdded:
      *message.mutable_member_added() = ToState(member);
      break;
    case MemberEvent::kUpdated:
      *message.mutable_member_updated() = ToState(member);
      break;
    case MemberEvent::kDeactivated:
      *message.mutable_member_deactivated() = ToState(member);
      break;
    case MemberEvent::kReactivated:
      *message.mutable_member_reactivated() = ToState(member);
      break;
  }
  return message;
}

pb_events::DirectoryEvent ToEvent(TeamEvent event, const Team& team) {
  pb_events::DirectoryEvent message;
  switch (event) {
    case TeamEvent::kAdded:
      *message.mutable_team_added() = ToState(team);
      break;
    case TeamEvent::kUpdated:
      *message.mutable_team_updated() = ToState(team);
      break;
  }
  return message;
}

pb_events::DirectoryEvent ToEvent(RoleEvent event, const Role& role) {
  pb_events::DirectoryEvent message;
  switch (event) {
    case RoleEvent::kAdded:
      *message.mutable_role_added() = ToState(role);
      break;
    case RoleEvent::kUpdated:
      *message.mutable_role_updated() = ToState(role);
      break;
  }
  return message;
}

}  // namespace steward::directory
