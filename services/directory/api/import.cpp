// ImportOrganisation: roles, teams and members, all or nothing.

#include <map>

#include "services/directory/api/directory_api.h"
#include "services/directory/storage/member_store.h"
#include "services/directory/storage/organisation_store.h"
#include "services/directory/storage/role_store.h"
#include "services/directory/storage/team_store.h"

namespace steward::directory {
namespace {

constexpr int kMaxRows = 1000;

// The rows of one list, each with its path in the request.
template <class Row>
struct Draft {
  std::string path;  // members[12]
  Row row;
};

// Maps a list and adds what is wrong with its rows: each on its own, and names that are given
// twice.
template <class Row, class Messages>
std::vector<Draft<Row>> ReadRows(std::string_view list, const Messages& messages,
                                 Violations* violations) {
  std::vector<Draft<Row>> drafts;
  std::map<std::string, std::string> first;  // path by name
  for (int i = 0; i < messages.size(); ++i) {
    const std::string path = std::string(list) + "[" + std::to_string(i) + "]";
    auto row = FromProto(messages[i], path);
    if (!row.ok()) {
      Collect(row.status(), violations);
      continue;
    }
    const auto [entry, is_first] = first.emplace(row->name.value, path);
    if (!is_first) {
      violations->push_back(
          {path + ".name", row->name.value + " is given twice, also in " + entry->second});
    }
    drafts.push_back({path, *std::move(row)});
  }
  return drafts;
}

template <class Row>
std::vector<std::string> NamesOf(const std::vector<Draft<Row>>& drafts) {
  std::vector<std::string> names;
  for (const auto& draft : drafts) {
    names.push_back(draft.row.name.value);
  }
  return names;
}

absl::StatusOr<bool> Update(Member& member, const Member& draft, Time now) {
  return member.Update(draft.profile, draft.placement, now);
}
absl::StatusOr<bool> Update(Team& team, const Team& draft, Time) { return team.Update(draft); }
absl::StatusOr<bool> Update(Role& role, const Role& draft, Time) { return role.Update(draft); }
void Add(Member& member, Time now) { member.Add(now); }
void Add(Team& team, Time) { team.Add(); }
void Add(Role& role, Time) { role.Add(); }

// Sorts the rows into new, changed and unchanged ones.
template <class Event, class Row>
absl::Status Merge(const std::vector<Draft<Row>>& drafts, std::vector<Row> stored, Time now,
                   ChangeSet* changes, pb::ImportOrganisationResponse* counts) {
  std::map<std::string, Row*> by_name;
  for (Row& row : stored) {
    by_name[row.name.value] = &row;
  }
  for (const auto& draft : drafts) {
    if (const auto found = by_name.find(draft.row.name.value); found != by_name.end()) {
      ASSIGN_OR_RETURN(const bool changed, Update(*found->second, draft.row, now));
      if (changed) {
        changes->Add(draft.path, Event::kUpdated, *found->second);
        counts->set_updated(counts->updated() + 1);
      } else {
        counts->set_unchanged(counts->unchanged() + 1);
      }
    } else {
      Row row = draft.row;
      Add(row, now);
      changes->Add(draft.path, Event::kAdded, std::move(row));
      counts->set_created(counts->created() + 1);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status DirectoryApi::ImportOrganisation(rpc::Call& call,
                                              const pb::ImportOrganisationRequest& request,
                                              pb::ImportOrganisationResponse* response) {
  if (request.roles_size() + request.teams_size() + request.members_size() > kMaxRows) {
    return FieldInvalid(
        "members",
        "roles, teams and members together are more than 1,000 rows; import them in parts");
  }
  Violations violations;
  const auto roles = ReadRows<Role>("roles", request.roles(), &violations);
  const auto teams = ReadRows<Team>("teams", request.teams(), &violations);
  const auto members = ReadRows<Member>("members", request.members(), &violations);
  if (!violations.empty()) {
    return FieldsInvalid(std::move(violations));
  }
  return Run(call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
    const auto stored_roles = QueueRoles(tx, NamesOf(roles));
    const auto stored_teams = QueueTeams(tx, NamesOf(teams));
    const auto stored_members = QueueMembers(tx, NamesOf(members));
    const auto organisation = OrganisationRows::Queue(tx);
    RETURN_IF_ERROR(tx.Flush());
    if (command.Answered()) {
      return absl::OkStatus();
    }
    response->Clear();
    ChangeSet changes(organisation.Get());
    RETURN_IF_ERROR(
        Merge<RoleEvent>(roles, ToRoles(*stored_roles), command.now(), &changes, response));
    RETURN_IF_ERROR(
        Merge<TeamEvent>(teams, ToTeams(*stored_teams), command.now(), &changes, response));
    RETURN_IF_ERROR(
        Merge<MemberEvent>(members, ToMembers(*stored_members), command.now(), &changes, response));
    if (request.validate_only()) {
      return changes.Check(tx, command.now());
    }
    return changes.Write(tx, command, *env_.ids, "organisation");
  });
}

}  // namespace steward::directory
