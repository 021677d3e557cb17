#include "services/directory/storage/role_store.h"

#include "services/directory/storage/display_names.h"

namespace steward::directory {
namespace {

constexpr pg::Statement kSelectRoles{
    "directory_select_roles",
    "SELECT name, version, display_name_en, display_name_zh, grants, source FROM role"
    " WHERE name = ANY ($1::text[]) ORDER BY name"};
constexpr pg::Statement kListRoles{
    "directory_list_roles",
    "SELECT name, version, display_name_en, display_name_zh, grants, source FROM role"
    " WHERE name > $1 ORDER BY name LIMIT $2"};
constexpr pg::Statement kSaveRole{"directory_save_role",
                                  "INSERT INTO role (name, version, display_name_en, "
                                  "display_name_zh, grants, source) VALUES ($1, $2, $3, $4, $5, $6)"
                                  " ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, "
                                  "display_name_en = EXCLUDED.display_name_en,"
                                  " display_name_zh = EXCLUDED.display_name_zh, grants = "
                                  "EXCLUDED.grants, source = EXCLUDED.source"};

}  // namespace

pg::Pending QueueRoles(pg::Tx& tx, const std::vector<std::string>& names) {
  return tx.Queue(kSelectRoles, pg::Params().AddTexts(names));
}

std::vector<Role> ToRoles(const pg::Result& rows) {
  std::vector<Role> roles;
  for (int row = 0; row < rows.rows(); ++row) {
    roles.push_back({{rows.Text(row, 0)},
                     FromColumns(rows.Text(row, 2), rows.Text(row, 3)),
                     rows.Texts(row, 4),
                     rows.Text(row, 5),
                     rows.Int(row, 1)});
  }
  return roles;
}

absl::StatusOr<std::vector<Role>> ReadRoles(pg::Connection& connection,
                                            const std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   connection.Run(kSelectRoles, pg::Params().AddTexts(names)));
  return ToRoles(rows);
}

absl::StatusOr<std::vector<Role>> ListRoles(pg::Connection& connection, std::string_view after,
                                            int64_t limit) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   connection.Run(kListRoles, pg::Params().Add(after).Add(limit)));
  return ToRoles(rows);
}

void QueueSave(pg::Tx& tx, const Role& role) {
  tx.Queue(kSaveRole, pg::Params()
                          .Add(role.name.value)
                          .Add(role.version)
                          .Add(NameIn("en", role.display_names))
                          .Add(NameIn("zh-Hans", role.display_names))
                          .AddTexts(role.grants)
                          .Add(role.source));
}

}  // namespace steward::directory
