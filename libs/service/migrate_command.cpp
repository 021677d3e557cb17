#include "libs/service/migrate_command.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"

namespace steward::service {
namespace {

CommandOutcome Failed(const absl::Status& status) {
  return {1, absl::StrCat(status.message(), "\n")};
}

CommandOutcome Status(pg::Connection& connection, const std::vector<pg::Migration>& migrations) {
  absl::StatusOr<int> version = pg::SchemaVersion(connection);
  if (!version.ok()) {
    return Failed(version.status());
  }
  CommandOutcome outcome;
  for (const pg::Migration& migration : migrations) {
    absl::StrAppend(&outcome.text, migration.number <= *version ? "applied  " : "missing  ",
                    ToAbsl(migration.name), "\n");
  }
  return outcome;
}

}  // namespace

CommandOutcome RunMigrateCommand(std::string_view verb, const pg::Options& database,
                                 const std::vector<pg::Migration>& migrations) {
  if (verb != "up" && verb != "status" && verb != "verify") {
    return {2, "migrate wants `up`, `status` or `verify`\n"};
  }
  auto connection = pg::Connection::Open(database);
  if (!connection.ok()) {
    return Failed(connection.status());
  }
  if (verb == "status") {
    return Status(**connection, migrations);
  }
  absl::Status done = verb == "up" ? pg::Migrate(**connection, migrations)
                                   : pg::VerifySchema(**connection, migrations);
  if (!done.ok()) {
    return Failed(done);
  }
  return {0, absl::StrCat("the schema is at ", migrations.empty() ? 0 : migrations.back().number,
                          "\n")};
}

}  // namespace steward::service
