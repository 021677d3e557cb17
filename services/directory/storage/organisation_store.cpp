#include "services/directory/storage/organisation_store.h"

#include "services/directory/storage/member_store.h"

namespace steward::directory {
namespace {

constexpr pg::Statement kSelectPlacements{
    "directory_select_placements",
    "SELECT m.name, m.kind, m.active, a.kind, a.target, a.lead, a.start_time, a.end_time"
    " FROM member m LEFT JOIN member_assignment a ON a.member = m.name ORDER BY m.name, a.kind, "
    "a.position"};
constexpr pg::Statement kSelectParents{"directory_select_parents", "SELECT name, parent FROM team"};
constexpr pg::Statement kSelectGrants{"directory_select_grants", "SELECT name, grants FROM role"};

}  // namespace

OrganisationRows OrganisationRows::Queue(pg::Tx& tx) {
  OrganisationRows rows;
  rows.members_ = tx.Queue(kSelectPlacements);
  rows.teams_ = tx.Queue(kSelectParents);
  rows.roles_ = tx.Queue(kSelectGrants);
  return rows;
}

Organisation OrganisationRows::Get() const {
  Organisation organisation;
  for (int row = 0; row < roles_->rows(); ++row) {
    Role role;
    role.name = {roles_->Text(row, 0)};
    role.grants = roles_->Texts(row, 1);
    organisation.Put(role);
  }
  for (int row = 0; row < teams_->rows(); ++row) {
    Team team;
    team.name = {teams_->Text(row, 0)};
    team.parent = {teams_->Text(row, 1)};
    organisation.Put(team);
  }
  Member member;
  for (int row = 0; row < members_->rows(); ++row) {
    if (row > 0 && members_->Text(row, 0) != member.name.value) {
      organisation.Put(member);
      member = Member();
    }
    member.name = {members_->Text(row, 0)};
    member.placement.kind =
        members_->Text(row, 1) == "system" ? MemberKind::kSystem : MemberKind::kPerson;
    member.active = members_->Bool(row, 2);
    AddAssignment(*members_, row, 3, &member.placement);
  }
  if (members_->rows() > 0) {
    organisation.Put(member);
  }
  return organisation;
}

}  // namespace steward::directory
