#include "libs/pg/migrate.h"

#include <algorithm>
#include <map>

#include "libs/base/status.h"

namespace steward::pg {
namespace {

constexpr Statement kLock{"migration_lock", "SELECT pg_advisory_lock($1)"};
constexpr Statement kUnlock{"migration_unlock", "SELECT pg_advisory_unlock($1)"};
constexpr Statement kTableExists{"migration_table_exists",
                                 "SELECT to_regclass('schema_migration') IS NOT NULL"};
constexpr Statement kApplied{"migration_list",
                             "SELECT number, name, checksum FROM schema_migration ORDER BY number"};
constexpr char kCreateTable[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    "number integer PRIMARY KEY, name text NOT NULL, checksum bigint NOT NULL, "
    "apply_time timestamptz NOT NULL DEFAULT clock_timestamp())";
constexpr std::string_view kNoTransaction = "-- no transaction";
constexpr Duration kLockWait = Seconds(60);

int64_t Checksum(const Migration& migration) {
  return static_cast<int64_t>(StableHash(migration.sql));
}

int64_t LockHash() { return static_cast<int64_t>(StableHash("schema_migration")); }

struct Applied {
  std::string name;
  int64_t checksum;
};

absl::StatusOr<std::map<int, Applied>> ReadApplied(Connection& connection) {
  std::map<int, Applied> applied;
  ASSIGN_OR_RETURN(const Result exists, connection.Run(kTableExists));
  if (!exists.Bool(0, 0)) {
    return applied;
  }
  ASSIGN_OR_RETURN(const Result rows, connection.Run(kApplied));
  for (int i = 0; i < rows.rows(); ++i) {
    applied[static_cast<int>(rows.Int(i, 0))] = {rows.Text(i, 1), rows.Int(i, 2)};
  }
  return applied;
}

absl::Status Mismatch(const std::string& text) {
  return Refuse(absl::StatusCode::kFailedPrecondition, text, {.reason = "SCHEMA_MISMATCH"});
}

// What was applied is known here, unchanged, and nothing before it is missing.
absl::Status CheckApplied(const std::map<int, Applied>& applied,
                          const std::vector<Migration>& migrations) {
  std::map<int, const Migration*> known;
  for (const Migration& migration : migrations) {
    known[migration.number] = &migration;
  }
  for (const auto& [number, row] : applied) {
    const auto it = known.find(number);
    if (it == known.end()) {
      return Mismatch("migration " + row.name + " was applied but is unknown to this version");
    }
    if (Checksum(*it->second) != row.checksum || it->second->name != row.name) {
      return Mismatch("migration " + row.name + " was changed after it was applied");
    }
  }
  for (const auto& [number, migration] : known) {
    if (!applied.empty() && number < applied.rbegin()->first && !applied.contains(number)) {
      return Mismatch("migration " + std::string(migration->name) +
                      " comes before others that are applied already");
    }
  }
  return absl::OkStatus();
}

absl::Status Apply(Connection& connection, const Migration& migration) {
  const bool clean = std::all_of(migration.name.begin(), migration.name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!clean) {
    return absl::InvalidArgumentError(
        ToAbsl("migration name: only a-z, 0-9 and _: " + std::string(migration.name)));
  }
  const std::string record = "INSERT INTO schema_migration (number, name, checksum) VALUES (" +
                             std::to_string(migration.number) + ", '" +
                             std::string(migration.name) + "', " +
                             std::to_string(Checksum(migration)) + ")";
  absl::Status status;
  if (migration.sql.substr(0, kNoTransaction.size()) == kNoTransaction) {
    status = connection.RunScript(migration.sql);
    if (status.ok()) {
      status = connection.RunScript(record);
    }
  } else {
    // A failure ends the script before its COMMIT.
    status =
        connection.RunScript("BEGIN;\n" + std::string(migration.sql) + "\n;" + record + "; COMMIT");
    if (!status.ok() && connection.healthy()) {
      connection.RunScript("ROLLBACK").IgnoreError();
    }
  }
  if (!status.ok()) {
    return absl::Status(status.code(), ToAbsl("migration " + std::string(migration.name) + ": " +
                                              std::string(FromAbsl(status.message()))));
  }
  return status;
}

absl::Status ApplyMissing(Connection& connection, const std::vector<Migration>& migrations) {
  RETURN_IF_ERROR(connection.RunScript(kCreateTable));
  ASSIGN_OR_RETURN(const auto applied, ReadApplied(connection));
  RETURN_IF_ERROR(CheckApplied(applied, migrations));
  std::vector<const Migration*> missing;
  for (const Migration& migration : migrations) {
    if (!applied.contains(migration.number)) {
      missing.push_back(&migration);
    }
  }
  std::sort(missing.begin(), missing.end(),
            [](const Migration* a, const Migration* b) { return a->number < b->number; });
  for (const Migration* migration : missing) {
    RETURN_IF_ERROR(Apply(connection, *migration));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(Connection& connection, const std::vector<Migration>& migrations) {
  ASSIGN_OR_RETURN(const Result locked, connection.Run(kLock, Params().Add(LockHash()), kLockWait));
  // An index takes as long as it takes; a lock is waited for briefly, so that nobody queues behind.
  absl::Status status = connection.RunScript("SET statement_timeout = 0");
  if (status.ok()) {
    status = ApplyMissing(connection, migrations);
  }
  if (connection.healthy()) {
    status.Update(connection.RunScript("RESET statement_timeout"));
    status.Update(connection.Run(kUnlock, Params().Add(LockHash())).status());
  }
  return status;
}

absl::Status VerifySchema(Connection& connection, const std::vector<Migration>& migrations) {
  ASSIGN_OR_RETURN(const auto applied, ReadApplied(connection));
  RETURN_IF_ERROR(CheckApplied(applied, migrations));
  for (const Migration& migration : migrations) {
    if (!applied.contains(migration.number)) {
      return Mismatch("migration " + std::string(migration.name) +
                      " is not applied: run `migrate up` first");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int> SchemaVersion(Connection& connection) {
  ASSIGN_OR_RETURN(const auto applied, ReadApplied(connection));
  return applied.empty() ? 0 : applied.rbegin()->first;
}

}  // namespace steward::pg
