#pragma once
// Roles in PostgreSQL. SQL only; writes happen inside the caller's transaction.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "services/directory/domain/role.h"

namespace steward::directory {

// Queues the roles of these names; ToRoles reads them after the next Flush, by name.
pg::Pending QueueRoles(pg::Tx& tx, const std::vector<std::string>& names);
std::vector<Role> ToRoles(const pg::Result& rows);
absl::StatusOr<std::vector<Role>> ReadRoles(pg::Connection& connection,
                                            const std::vector<std::string>& names);
// At most `limit` roles after that name, by name.
absl::StatusOr<std::vector<Role>> ListRoles(pg::Connection& connection, std::string_view after,
                                            int64_t limit);
// Queues insert (version 1) or update.
void QueueSave(pg::Tx& tx, const Role& role);

}  // namespace steward::directory
