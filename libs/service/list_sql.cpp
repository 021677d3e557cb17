#include "libs/service/list_sql.h"

#include "libs/base/status.h"

namespace steward::service {
namespace {

constexpr pg::Statement kPlanEachTime{
    "list_plan_each_time", "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"};

}  // namespace

pg::Params ReachParams(const rpc::Reach& reach) {
  pg::Params params;
  params.Add(reach.all).AddTexts(reach.members).AddTexts(reach.teams);
  return params;
}

std::string ListSql::Parameter(const std::string& type) {
  return "$" + std::to_string(next_++) + "::" + type;
}

ListSql& ListSql::OneOf(std::string_view table, std::span<const std::string_view> columns) {
  for (const std::string_view column : columns) {
    OneOf(std::string(table) + std::string(column));
  }
  return *this;
}

ListSql& ListSql::OneOf(const std::string& column, const char* type) {
  Where(column, "=", type);
  sql_ += " AND " + column + " <> ALL(" + Parameter(std::string(type) + "[]") + ")";
  return *this;
}

ListSql& ListSql::AnyOf(const std::string& column, const char* type) {
  const std::string array = std::string(type) + "[]";
  Where(column, "= ANY", array.c_str());
  sql_ += " AND " + column + " <> ALL(" + Parameter(array) + ")";
  return *this;
}

ListSql& ListSql::Between(const std::string& column) {
  sql_ += " AND " + column + " >= " + Parameter("timestamptz");
  sql_ += " AND " + column + " <= " + Parameter("timestamptz");
  return *this;
}

ListSql& ListSql::Where(const std::string& column, const char* operation, const char* type) {
  const std::string value = Parameter(type);
  sql_ += " AND (" + value + " IS NULL OR " + column + " " + operation + " (" + value + "))";
  return *this;
}

ListSql& ListSql::WhereNot(const std::string& column, const char* operation, const char* type) {
  sql_ += " AND NOT " + column + " " + operation + " " + Parameter(type);
  return *this;
}

std::string ListSql::OrderBy(const std::string& key, const std::string& id, const char* id_type,
                             bool ascending, const char* key_type) {
  const std::string direction = ascending ? "" : " DESC";
  const std::string after = Parameter(key_type);
  sql_ += " AND (" + after + " IS NULL OR (" + key + ", " + id + ")" + (ascending ? " > " : " < ") +
          "(" + after + ", " + Parameter(id_type) + "))";
  return sql_ + " ORDER BY " + key + direction + ", " + id + direction + " LIMIT " +
         Parameter("bigint");
}

ListStatements::ListStatements(const std::string& name, const std::string& other_name,
                               std::string (*text)(bool other, bool ascending)) {
  for (int i = 0; i < 4; ++i) {
    const bool other = i >= 2, ascending = i % 2 == 1;
    names_[i] = (other ? other_name : name) + (ascending ? "" : "_desc");
    texts_[i] = text(other, ascending);
    statements_[i] = {names_[i].c_str(), texts_[i].c_str()};
  }
}

void AddOneOf(pg::Params& params, std::span<const std::string_view> columns,
              const std::map<std::string, std::string>& equal,
              const std::map<std::string, std::vector<std::string>>& not_equal) {
  for (const std::string_view column : columns) {
    const auto wanted = equal.find(std::string(column));
    const auto unwanted = not_equal.find(std::string(column));
    params.AddOptional(wanted == equal.end() ? std::nullopt : std::optional(wanted->second));
    params.AddTexts(unwanted == not_equal.end() ? std::vector<std::string>() : unwanted->second);
  }
}

absl::StatusOr<pg::Result> ReadPlanned(pg::Connection& db, const pg::Statement& statement,
                                       const pg::Params& params, Duration timeout) {
  pg::Result rows;
  RETURN_IF_ERROR(
      pg::RunInTx(db, {.budget = timeout, .name = statement.name}, [&](pg::Tx& tx) -> absl::Status {
        tx.Queue(kPlanEachTime);
        ASSIGN_OR_RETURN(rows, tx.Run(statement, params));
        return absl::OkStatus();
      }));
  return rows;
}

}  // namespace steward::service
