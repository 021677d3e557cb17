#pragma once
// Teams in PostgreSQL. SQL only; writes happen inside the caller's transaction.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "services/directory/domain/team.h"

namespace steward::directory {

// Queues the teams of these names; ToTeams reads them after the next Flush, by name.
pg::Pending QueueTeams(pg::Tx& tx, const std::vector<std::string>& names);
std::vector<Team> ToTeams(const pg::Result& rows);
absl::StatusOr<std::vector<Team>> ReadTeams(pg::Connection& connection,
                                            const std::vector<std::string>& names);
// At most `limit` teams after that name, by name.
absl::StatusOr<std::vector<Team>> ListTeams(pg::Connection& connection, std::string_view after,
                                            int64_t limit);
// Queues insert (version 1) or update.
void QueueSave(pg::Tx& tx, const Team& team);

}  // namespace steward::directory
