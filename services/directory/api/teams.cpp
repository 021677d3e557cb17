// Teams: commands and reads.

#include "libs/rpc/field_mask.h"
#include "services/directory/api/directory_api.h"
#include "services/directory/api/rows.h"
#include "services/directory/storage/organisation_store.h"
#include "services/directory/storage/team_store.h"

namespace steward::directory {

absl::Status DirectoryApi::CreateTeam(rpc::Call& call, const pb::CreateTeamRequest& request,
                                      pb::Team* response) {
  ASSIGN_OR_RETURN(const Team draft, FromProto(request.team(), "team"));
  return Run(call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
    const auto rows = QueueTeams(tx, {draft.name.value});
    const auto organisation = OrganisationRows::Queue(tx);
    RETURN_IF_ERROR(tx.Flush());
    if (command.Answered()) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(CheckAbsent(ToTeams(*rows), draft.name.value));
    Team team = draft;
    team.Add();
    *response = ToProto(team);
    ChangeSet changes(organisation.Get());
    changes.Add("team", TeamEvent::kAdded, team);
    return changes.Write(tx, command, *env_.ids, team.name.value);
  });
}

absl::Status DirectoryApi::UpdateTeam(rpc::Call& call, const pb::UpdateTeamRequest& request,
                                      pb::Team* response) {
  const std::string& name = request.team().name();
  return Run(call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
    const auto rows = QueueTeams(tx, {name});
    const auto organisation = OrganisationRows::Queue(tx);
    RETURN_IF_ERROR(tx.Flush());
    if (command.Answered()) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(Team team, OnlyRow(ToTeams(*rows), name));
    RETURN_IF_ERROR(CheckEtag(team, request.team().etag()));
    pb::Team wanted = ToProto(team);
    RETURN_IF_ERROR(rpc::ApplyMask(request.team(), request.update_mask(), &wanted));
    ASSIGN_OR_RETURN(const Team draft, FromProto(wanted, "team"));
    const bool changed = team.Update(draft);
    *response = ToProto(team);
    ChangeSet changes(organisation.Get());
    if (changed) {
      changes.Add("team", TeamEvent::kUpdated, team);
    }
    return changes.Write(tx, command, *env_.ids, name);
  });
}

absl::Status DirectoryApi::GetTeam(rpc::Call& call, const pb::GetTeamRequest& request,
                                   pb::Team* response) {
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<Team> rows, ReadTeams(*connection, {request.name()}));
  ASSIGN_OR_RETURN(const Team team, OnlyRow(std::move(rows), request.name()));
  *response = ToProto(team);
  return absl::OkStatus();
}

absl::Status DirectoryApi::ListTeams(rpc::Call& call, const pb::ListTeamsRequest& request,
                                     pb::ListTeamsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const auto cursor, page_tokens_.Read("ListTeams", request.page_token()));
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(
      auto rows, directory::ListTeams(*connection, cursor.empty() ? "" : cursor[0], page_size + 1));
  if (rows.size() > static_cast<size_t>(page_size)) {
    rows.pop_back();
    response->set_next_page_token(page_tokens_.Make("ListTeams", {rows.back().name.value}));
  }
  for (const Team& team : rows) {
    *response->add_teams() = ToProto(team);
  }
  return absl::OkStatus();
}

}  // namespace steward::directory
