#pragma once
// SQL of lists that a caller reads within reach, in pages by keyset. Every filter is a parameter that may be absent, so that a
// list has few statements; ReadPlanned plans them for the values at hand.
//
//   std::string ListText(bool by_update_time, bool ascending) {
//     service::ListSql sql("SELECT " COLUMNS " FROM thing t WHERE " WITHIN_REACH);
//     sql.OneOf("t.", kColumns).Between("t.create_time");
//     return sql.OrderBy(by_update_time ? "t.update_time" : "t.create_time", "t.id", "uuid", ascending);
//   }
//   ...
//   static const service::ListStatements list("thing_list_created", "thing_list_updated", ListText);
//   pg::Params params = service::ReachParams(reach);
//   service::AddOneOf(params, kColumns, filter.equal, filter.not_equal);
//   params.Add(filter.created_from).Add(filter.created_to);
//   service::AddPlace(params, after, limit);
//   ASSIGN_OR_RETURN(const pg::Result rows, service::ReadPlanned(db, list.Of(order), params, timeout));

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/rpc/call.h"

namespace steward::service {

// Parameters 1 to 3 of every statement that loads for a caller: all, members, teams.
pg::Params ReachParams(const rpc::Reach& reach);

// Conditions in the order of their parameters, numbered from 4.
class ListSql {
 public:
  // The text up to and with the condition of reach.
  explicit ListSql(std::string select) : sql_(std::move(select)) {}
  // Each column has the value, and none of the others. AddOneOf gives the parameters.
  ListSql& OneOf(std::string_view table, std::span<const std::string_view> columns);
  ListSql& OneOf(const std::string& column, const char* type = "text");
  // The column is one of the values, and none of the others: two arrays.
  ListSql& AnyOf(const std::string& column, const char* type = "text");
  // Two times, both inclusive.
  ListSql& Between(const std::string& column);
  // `column operator value`, where there is a value.
  ListSql& Where(const std::string& column, const char* operation, const char* type);
  // `NOT column operator value`.
  ListSql& WhereNot(const std::string& column, const char* operation, const char* type);
  // Behind the last row of the page before, in order; AddPlace gives the parameters.
  std::string OrderBy(const std::string& key, const std::string& id, const char* id_type,
                      bool ascending, const char* key_type = "timestamptz");

 private:
  std::string Parameter(const std::string& type);

  std::string sql_;
  int next_ = 4;
};

// The statements of a list with two orders, each up and down; `_desc` is added to the names of those that go down.
class ListStatements {
 public:
  ListStatements(const std::string& name, const std::string& other_name,
                 std::string (*text)(bool other, bool ascending));
  ListStatements(const ListStatements&) = delete;
  ListStatements& operator=(const ListStatements&) = delete;
  const pg::Statement& Of(bool other, bool ascending) const {
    return statements_[(other ? 2 : 0) + (ascending ? 1 : 0)];
  }

 private:
  std::string names_[4], texts_[4];
  pg::Statement statements_[4];
};

void AddOneOf(pg::Params& params, std::span<const std::string_view> columns,
              const std::map<std::string, std::string>& equal,
              const std::map<std::string, std::vector<std::string>>& not_equal);
// Of OneOf with smallint.
template <class State>
void AddStates(pg::Params& params, const std::optional<State>& state,
               const std::vector<State>& not_states) {
  params.AddOptional(state ? std::optional(static_cast<int16_t>(*state)) : std::nullopt);
  std::vector<int16_t> numbers;
  for (const State each : not_states) {
    numbers.push_back(static_cast<int16_t>(each));
  }
  params.AddInt16s(numbers);
}
template <class Key, class Id>
void AddPlace(pg::Params& params, const std::optional<std::pair<Key, Id>>& after, int limit) {
  params.AddOptional(after ? std::optional(after->first) : std::nullopt);
  params.AddOptional(after ? std::optional(after->second) : std::nullopt);
  params.Add(static_cast<int64_t>(limit));
}

// A plan for any filter at all would use no index: with the values known the planner drops the terms that are absent.
absl::StatusOr<pg::Result> ReadPlanned(pg::Connection& db, const pg::Statement& statement,
                                       const pg::Params& params, Duration timeout = Seconds(5));

template <class Row>
std::vector<Row> ReadRows(const pg::Result& result, Row (*read)(const pg::Result&, int)) {
  std::vector<Row> rows;
  for (int row = 0; row < result.rows(); ++row) {
    rows.push_back(read(result, row));
  }
  return rows;
}

}  // namespace steward::service
