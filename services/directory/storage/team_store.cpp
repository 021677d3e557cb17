#include "services/directory/storage/team_store.h"

#include "services/directory/storage/display_names.h"

namespace steward::directory {
namespace {

constexpr pg::Statement kSelectTeams{
    "directory_select_teams",
    "SELECT name, version, display_name_en, display_name_zh, parent, region FROM team"
    " WHERE name = ANY ($1::text[]) ORDER BY name"};
constexpr pg::Statement kListTeams{
    "directory_list_teams",
    "SELECT name, version, display_name_en, display_name_zh, parent, region FROM team"
    " WHERE name > $1 ORDER BY name LIMIT $2"};
constexpr pg::Statement kSaveTeam{"directory_save_team",
                                  "INSERT INTO team (name, version, display_name_en, "
                                  "display_name_zh, parent, region) VALUES ($1, $2, $3, $4, $5, $6)"
                                  " ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, "
                                  "display_name_en = EXCLUDED.display_name_en,"
                                  " display_name_zh = EXCLUDED.display_name_zh, parent = "
                                  "EXCLUDED.parent, region = EXCLUDED.region"};

}  // namespace

pg::Pending QueueTeams(pg::Tx& tx, const std::vector<std::string>& names) {
  return tx.Queue(kSelectTeams, pg::Params().AddTexts(names));
}

std::vector<Team> ToTeams(const pg::Result& rows) {
  std::vector<Team> teams;
  for (int row = 0; row < rows.rows(); ++row) {
    teams.push_back({{rows.Text(row, 0)},
                     FromColumns(rows.Text(row, 2), rows.Text(row, 3)),
                     {rows.Text(row, 4)},
                     rows.Text(row, 5),
                     rows.Int(row, 1)});
  }
  return teams;
}

absl::StatusOr<std::vector<Team>> ReadTeams(pg::Connection& connection,
                                            const std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   connection.Run(kSelectTeams, pg::Params().AddTexts(names)));
  return ToTeams(rows);
}

absl::StatusOr<std::vector<Team>> ListTeams(pg::Connection& connection, std::string_view after,
                                            int64_t limit) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   connection.Run(kListTeams, pg::Params().Add(after).Add(limit)));
  return ToTeams(rows);
}

void QueueSave(pg::Tx& tx, const Team& team) {
  tx.Queue(kSaveTeam, pg::Params()
                          .Add(team.name.value)
                          .Add(team.version)
                          .Add(NameIn("en", team.display_names))
                          .Add(NameIn("zh-Hans", team.display_names))
                          .Add(team.parent.value)
                          .Add(team.region));
}

}  // namespace steward::directory
