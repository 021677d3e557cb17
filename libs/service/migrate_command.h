#pragma once
// `migrate up`, `migrate status`, `migrate verify`.

#include <string>
#include <string_view>
#include <vector>

#include "libs/pg/migrate.h"

namespace steward::service {

struct CommandOutcome {
  int exit_code = 0;  // 0, 1 on a failure, 2 on an unknown verb
  std::string text;
};
CommandOutcome RunMigrateCommand(std::string_view verb, const pg::Options& database,
                                 const std::vector<pg::Migration>& migrations);

}  // namespace steward::service
