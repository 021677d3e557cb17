#include "services/directory/storage/member_store.h"

namespace steward::directory {
namespace {

// One row a member and assignment; a member without assignments is one row with NULL in the last
// five columns.
#define MEMBER_COLUMNS                                                                          \
  "m.name, m.version, m.kind, m.active, m.display_name, m.display_name_zh, m.email, m.mobile, " \
  "m.external_subject, "                                                                        \
  "m.create_time, m.update_time, a.kind, a.target, a.lead, a.start_time, a.end_time"

constexpr pg::Statement kSelectMembers{
    "directory_select_members",
    "SELECT " MEMBER_COLUMNS
    " FROM member m LEFT JOIN member_assignment a ON a.member = m.name"
    " WHERE m.name = ANY ($1::text[]) ORDER BY m.name, a.kind, a.position"};

constexpr pg::Statement kListMembers{
    "directory_list_members",
    "WITH holds AS NOT MATERIALIZED ("
    "  SELECT member, kind, target FROM member_assignment"
    "  WHERE (start_time IS NULL OR start_time <= $6) AND (end_time IS NULL OR end_time > $6)),"
    " page AS ("
    "  SELECT * FROM member m WHERE m.name > $7"
    "  AND ($1::text IS NULL OR EXISTS (SELECT FROM holds h WHERE h.member = m.name AND h.kind = "
    "'role' AND h.target = $1))"
    "  AND ($2::text IS NULL OR EXISTS (SELECT FROM holds h WHERE h.member = m.name AND h.kind = "
    "'team' AND h.target = $2))"
    "  AND ($3::text IS NULL OR EXISTS (SELECT FROM holds h WHERE h.member = m.name AND h.kind = "
    "'superior' AND h.target = $3))"
    "  AND ($4::text IS NULL OR m.kind = $4) AND ($5::boolean IS NULL OR m.active = $5)"
    "  ORDER BY m.name LIMIT $8)"
    " SELECT " MEMBER_COLUMNS
    " FROM page m LEFT JOIN member_assignment a ON a.member = m.name ORDER BY m.name, a.kind, "
    "a.position"};

constexpr pg::Statement kSelectSubjects{
    "directory_select_subjects",
    "SELECT external_subject, name FROM member"
    " WHERE external_subject <> '' AND external_subject = ANY ($1::text[])"};

constexpr pg::Statement kSaveMember{
    "directory_save_member",
    "INSERT INTO member (name, version, kind, active, display_name, display_name_zh, email, "
    "mobile, external_subject,"
    " create_time, update_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, kind = EXCLUDED.kind, active = "
    "EXCLUDED.active,"
    " display_name = EXCLUDED.display_name, display_name_zh = EXCLUDED.display_name_zh, email = "
    "EXCLUDED.email,"
    " mobile = EXCLUDED.mobile, external_subject = EXCLUDED.external_subject, update_time = "
    "EXCLUDED.update_time"};

constexpr pg::Statement kClearAssignments{"directory_clear_assignments",
                                          "DELETE FROM member_assignment WHERE member = $1"};

constexpr pg::Statement kSaveAssignments{
    "directory_save_assignments",
    "INSERT INTO member_assignment (member, kind, position, target, lead, start_time, end_time)"
    " SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::boolean[], "
    "$6::timestamptz[], $7::timestamptz[])"};

#undef MEMBER_COLUMNS

constexpr std::string_view KindText(MemberKind kind) {
  return kind == MemberKind::kSystem ? "system" : "person";
}

std::optional<Time> StartColumn(const Period& p) {
  return p.start == kMinTime ? std::nullopt : std::optional(p.start);
}
std::optional<Time> EndColumn(const Period& p) {
  return p.end == kMaxTime ? std::nullopt : std::optional(p.end);
}

Member ToMember(const pg::Result& rows, int row) {
  Member member;
  member.name = {rows.Text(row, 0)};
  member.version = rows.Int(row, 1);
  member.placement.kind = rows.Text(row, 2) == "system" ? MemberKind::kSystem : MemberKind::kPerson;
  member.active = rows.Bool(row, 3);
  member.profile = {rows.Text(row, 4), rows.Text(row, 5), rows.Text(row, 6), rows.Text(row, 7),
                    rows.Text(row, 8)};
  member.create_time = rows.Timestamp(row, 9);
  member.update_time = rows.Timestamp(row, 10);
  return member;
}

}  // namespace

void AddAssignment(const pg::Result& rows, int row, int first_column, Placement* placement) {
  if (rows.IsNull(row, first_column)) {
    return;
  }
  const std::string kind = rows.Text(row, first_column);
  const std::string target = rows.Text(row, first_column + 1);
  const Period period{rows.OptionalTimestamp(row, first_column + 3).value_or(kMinTime),
                      rows.OptionalTimestamp(row, first_column + 4).value_or(kMaxTime)};
  if (kind == "role") {
    placement->roles.push_back({{target}, period});
  } else if (kind == "team") {
    placement->teams.push_back({{target}, period, rows.Bool(row, first_column + 2)});
  } else if (kind == "superior") {
    placement->superiors.push_back({{target}, period});
  } else {
    placement->leaves.push_back(period);
  }
}

std::vector<Member> ToMembers(const pg::Result& rows) {
  std::vector<Member> members;
  for (int row = 0; row < rows.rows(); ++row) {
    if (members.empty() || members.back().name.value != rows.Text(row, 0)) {
      members.push_back(ToMember(rows, row));
    }
    AddAssignment(rows, row, 11, &members.back().placement);
  }
  return members;
}

pg::Pending QueueMembers(pg::Tx& tx, const std::vector<std::string>& names) {
  return tx.Queue(kSelectMembers, pg::Params().AddTexts(names));
}

absl::StatusOr<std::vector<Member>> ReadMembers(pg::Connection& connection,
                                                const std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   connection.Run(kSelectMembers, pg::Params().AddTexts(names)));
  return ToMembers(rows);
}

absl::StatusOr<std::vector<Member>> ListMembers(pg::Connection& connection,
                                                const MemberFilter& filter, Time now,
                                                std::string_view after, int64_t limit) {
  pg::Params params;
  params.AddOptional(filter.role).AddOptional(filter.team).AddOptional(filter.superior);
  params.AddOptional(filter.kind ? std::optional(KindText(*filter.kind)) : std::nullopt);
  params.AddOptional(filter.active).Add(now).Add(after).Add(limit);
  ASSIGN_OR_RETURN(const pg::Result rows, connection.Run(kListMembers, params));
  return ToMembers(rows);
}

absl::StatusOr<std::vector<SubjectHolder>> ReadSubjectHolders(
    pg::Tx& tx, const std::vector<std::string>& subjects) {
  ASSIGN_OR_RETURN(const pg::Result rows, tx.Run(kSelectSubjects, pg::Params().AddTexts(subjects)));
  std::vector<SubjectHolder> holders;
  for (int row = 0; row < rows.rows(); ++row) {
    holders.push_back({rows.Text(row, 0), {rows.Text(row, 1)}});
  }
  return holders;
}

void QueueSave(pg::Tx& tx, const Member& member) {
  const Profile& profile = member.profile;
  tx.Queue(kSaveMember, pg::Params()
                            .Add(member.name.value)
                            .Add(member.version)
                            .Add(KindText(member.placement.kind))
                            .Add(member.active)
                            .Add(profile.display_name)
                            .Add(profile.display_name_zh)
                            .Add(profile.email)
                            .Add(profile.mobile)
                            .Add(profile.external_subject)
                            .Add(member.create_time)
                            .Add(member.update_time));
  if (member.version > 1) {
    tx.Queue(kClearAssignments, pg::Params().Add(member.name.value));
  }
  std::vector<std::string> kinds, targets;
  std::vector<int64_t> positions;
  std::vector<bool> leads;
  std::vector<std::optional<Time>> starts, ends;
  const auto add = [&](const char* kind, const std::string& target, bool lead,
                       const Period& period) {
    kinds.push_back(kind);
    positions.push_back(static_cast<int64_t>(positions.size()));
    targets.push_back(target);
    leads.push_back(lead);
    starts.push_back(StartColumn(period));
    ends.push_back(EndColumn(period));
  };
  for (const RoleHeld& role : member.placement.roles) {
    add("role", role.role.value, false, role.period);
  }
  for (const TeamHeld& team : member.placement.teams) {
    add("team", team.team.value, team.lead, team.period);
  }
  for (const SuperiorHeld& superior : member.placement.superiors) {
    add("superior", superior.member.value, false, superior.period);
  }
  for (const Period& leave : member.placement.leaves) {
    add("leave", "", false, leave);
  }
  if (!kinds.empty()) {
    tx.Queue(kSaveAssignments, pg::Params()
                                   .Add(member.name.value)
                                   .AddTexts(kinds)
                                   .AddInts(positions)
                                   .AddTexts(targets)
                                   .AddBools(leads)
                                   .AddOptionalTimes(starts)
                                   .AddOptionalTimes(ends));
  }
}

}  // namespace steward::directory
