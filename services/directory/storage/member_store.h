#pragma once
// Members in PostgreSQL. SQL only; writes happen inside the caller's transaction.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "services/directory/domain/member.h"

namespace steward::directory {

// Queues the members of these names; ToMembers reads them after the next Flush, in the order of
// names, without those that do not exist.
pg::Pending QueueMembers(pg::Tx& tx, const std::vector<std::string>& names);
std::vector<Member> ToMembers(const pg::Result& rows);
absl::StatusOr<std::vector<Member>> ReadMembers(pg::Connection& connection,
                                                const std::vector<std::string>& names);

// Adds the assignment in five columns from `first_column` (kind, target, lead, start_time,
// end_time); NULL = none.
void AddAssignment(const pg::Result& rows, int row, int first_column, Placement* placement);

// Roles, teams and superiors are those that hold at `now`.
struct MemberFilter {
  std::optional<std::string> role;
  std::optional<std::string> team;
  std::optional<std::string> superior;
  std::optional<MemberKind> kind;
  std::optional<bool> active;
};
// At most `limit` members after that name, by name.
absl::StatusOr<std::vector<Member>> ListMembers(pg::Connection& connection,
                                                const MemberFilter& filter, Time now,
                                                std::string_view after, int64_t limit);

// Which members these external subjects mean.
struct SubjectHolder {
  std::string subject;
  MemberName member;
};
absl::StatusOr<std::vector<SubjectHolder>> ReadSubjectHolders(
    pg::Tx& tx, const std::vector<std::string>& subjects);

// Queues insert (version 1) or update.
void QueueSave(pg::Tx& tx, const Member& member);

}  // namespace steward::directory
