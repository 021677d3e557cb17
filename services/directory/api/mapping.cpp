#include "services/directory/api/mapping.h"

#include "libs/rpc/validate.h"

namespace steward::directory {
namespace {

Period PeriodFromProto(const pb::Period& period) {
  Period result;
  if (period.has_start_time()) {
    result.start = rpc::FromProto(period.start_time());
  }
  if (period.has_end_time()) {
    result.end = rpc::FromProto(period.end_time());
  }
  return result;
}

DisplayNames NamesFromProto(const google::protobuf::Map<std::string, std::string>& names) {
  return {names.begin(), names.end()};
}

// The row, or what its own check says.
template <class Row>
absl::StatusOr<Row> Checked(Row row, std::string_view path) {
  Violations violations = row.Check();
  if (!violations.empty()) {
    Prefix(path, &violations);
    return FieldsInvalid(std::move(violations));
  }
  return row;
}

}  // namespace

std::string Etag(int64_t version) { return "\"" + std::to_string(version) + "\""; }

pb::Period ToProto(const Period& period) {
  pb::Period result;
  if (period.start != kMinTime) {
    *result.mutable_start_time() = rpc::ToProto(period.start);
  }
  if (period.end != kMaxTime) {
    *result.mutable_end_time() = rpc::ToProto(period.end);
  }
  return result;
}

pb::Member::Kind ToProto(MemberKind kind) {
  return kind == MemberKind::kSystem ? pb::Member::SYSTEM : pb::Member::PERSON;
}

pb::Member ToProto(const Member& member) {
  pb::Member result;
  result.set_name(member.name.value);
  result.set_display_name(member.profile.display_name);
  result.set_display_name_zh(member.profile.display_name_zh);
  result.set_email(member.profile.email);
  result.set_mobile(member.profile.mobile);
  result.set_external_subject(member.profile.external_subject);
  result.set_active(member.active);
  FillPlacement(member.placement, &result);
  *result.mutable_create_time() = rpc::ToProto(member.create_time);
  *result.mutable_update_time() = rpc::ToProto(member.update_time);
  result.set_etag(Etag(member.version));
  return result;
}

pb::Team ToProto(const Team& team) {
  pb::Team result;
  result.set_name(team.name.value);
  result.mutable_display_names()->insert(team.display_names.begin(), team.display_names.end());
  result.set_parent(team.parent.value);
  result.set_region(team.region);
  result.set_etag(Etag(team.version));
  return result;
}

pb::Role ToProto(const Role& role) {
  pb::Role result;
  result.set_name(role.name.value);
  result.mutable_display_names()->insert(role.display_names.begin(), role.display_names.end());
  result.mutable_grants()->Add(role.grants.begin(), role.grants.end());
  result.set_source(role.source);
  result.set_etag(Etag(role.version));
  return result;
}

absl::StatusOr<Member> FromProto(const pb::Member& member, std::string_view row) {
  Member result;
  result.name = {member.name()};
  result.profile = {member.display_name(), member.display_name_zh(), member.email(),
                    member.mobile(), member.external_subject()};
  Placement& placement = result.placement;
  placement.kind = member.kind() == pb::Member::SYSTEM ? MemberKind::kSystem : MemberKind::kPerson;
  for (const pb::RoleAssignment& held : member.roles()) {
    placement.roles.push_back({{held.role()}, PeriodFromProto(held.period())});
  }
  for (const pb::TeamAssignment& held : member.teams()) {
    placement.teams.push_back({{held.team()}, PeriodFromProto(held.period()), held.lead()});
  }
  for (const pb::Superior& held : member.superiors()) {
    placement.superiors.push_back({{held.member()}, PeriodFromProto(held.period())});
  }
  for (const pb::Period& leave : member.leaves()) {
    placement.leaves.push_back(PeriodFromProto(leave));
  }
  return Checked(std::move(result), row);
}

absl::StatusOr<Team> FromProto(const pb::Team& team, std::string_view row) {
  Team result;
  result.name = {team.name()};
  result.display_names = NamesFromProto(team.display_names());
  result.parent = {team.parent()};
  result.region = team.region();
  return Checked(std::move(result), row);
}

absl::StatusOr<Role> FromProto(const pb::Role& role, std::string_view row) {
  Role result;
  result.name = {role.name()};
  result.display_names = NamesFromProto(role.display_names());
  result.grants = {role.grants().begin(), role.grants().end()};
  result.source = role.source();
  return Checked(std::move(result), row);
}

}  // namespace steward::directory
