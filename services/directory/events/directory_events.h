#pragma once
// Domain events as the topic's messages. Each carries the whole state after the change, and no
// personal data.

#include "services/directory/domain/member.h"
#include "services/directory/domain/role.h"
#include "services/directory/domain/team.h"
#include "steward/directory/events/v1/directory_events.pb.h"

namespace steward::directory {

namespace pb_events = ::steward::directory::events::v1;

pb_events::MemberState ToState(const Member& member);
pb_events::TeamState ToState(const Team& team);
pb_events::RoleState ToState(const Role& role);

pb_events::DirectoryEvent ToEvent(MemberEvent event, const Member& member);
pb_events::DirectoryEvent ToEvent(TeamEvent event, const Team& team);
pb_events::DirectoryEvent ToEvent(RoleEvent event, const Role& role);

}  // namespace steward::directory
