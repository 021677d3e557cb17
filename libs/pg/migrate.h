#pragma once
// Migrations: embedded files `NNNN_verb_noun.sql`, applied in order under an advisory lock, each in one
// transaction (unless its first line is `-- no transaction`), with a checksum that is compared ever after.

#include <string>
#include <string_view>
#include <vector>

#include "libs/pg/connection.h"

namespace steward::pg {

struct Migration {
  int number;
  std::string_view name;  // `0001_create_journal`
  std::string_view sql;
};

// Applies what is missing. FAILED_PRECONDITION names the file whose checksum changed or that is unknown here.
[[nodiscard]] absl::Status Migrate(Connection& connection,
                                   const std::vector<Migration>& migrations);
// OK when the database has exactly these migrations; else says what to run.
[[nodiscard]] absl::Status VerifySchema(Connection& connection,
                                        const std::vector<Migration>& migrations);
// Number of the last one applied; 0 = none.
[[nodiscard]] absl::StatusOr<int> SchemaVersion(Connection& connection);

}  // namespace steward::pg
