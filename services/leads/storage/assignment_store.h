#pragma once
// SQL of assignment: rules, the turns of their members, and what is known of a member. Order of locks: the advisory ones of
// pg::Tx::Lock (kRulesLock, the name of each rule that chooses, leads), then those of members (QueueMemberLocks), each sorted by hash.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "services/leads/domain/assignment.h"

namespace steward::leads {

// Taken shared by whoever assigns, exclusively by whoever changes a rule.
inline constexpr char kRulesLock[] = "assignmentRules";

struct StoredRule {
  AssignmentRule rule;  // its id is the name, assignmentRules/{id}
  std::string display_name, display_name_zh;
  bool active = false;
  std::string created_by;
  Time create_time;
};

// Under kRulesLock, exclusively.
struct RuleHead {
  int latest_version = 0, active_version = 0;
};
pg::Pending QueueRuleHead(pg::Tx& tx, const std::string& rule);
std::optional<RuleHead> ReadRuleHead(const pg::Result& result);
void QueueInsertRule(pg::Tx& tx, const StoredRule& rule);
// Version 0 switches it off. Caps follow.
void QueueActivate(pg::Tx& tx, const std::string& rule, int version);

// Version 0 = the active one, else the newest. In a command, or to read.
pg::Pending QueueRule(pg::Tx& tx, const std::string& rule, int version);
std::vector<StoredRule> ReadRules(const pg::Result& result);
absl::StatusOr<std::optional<StoredRule>> GetRule(pg::Connection& db, const std::string& rule,
                                                  int version, Duration timeout);
// By name, then newest first.
using RuleCursor = std::pair<std::string, int>;
absl::StatusOr<std::vector<StoredRule>> ListRules(pg::Connection& db, bool all_versions,
                                                  const std::optional<RuleCursor>& after, int limit,
                                                  Duration timeout);

// Locks, until the commit, whoever may get a lead or lose one: the seats of these rules, these owners, and those who own these
// leads. Once, after every other lock and before the first write: then loads change in the journal in the order in which they
// were decided.
void QueueMemberLocks(pg::Tx& tx, const std::vector<std::string>& rules,
                      const std::vector<std::string>& owners, const std::vector<Uuid>& leads);
// What an assignment needs to know, under kRulesLock, shared, the lock of each rule, and QueueMemberLocks.
struct AssignmentRows {
  pg::Pending rules, seats, members;
};
AssignmentRows QueueAssignmentRows(pg::Tx& tx, const std::vector<std::string>& rules,
                                   const std::vector<std::string>& owners);
// An active rule with the turns of its members.
struct ActiveRule {
  AssignmentRule rule;
  int64_t turn = 0;                 // number of the latest turn
  std::vector<int64_t> last_turns;  // by seat
};
std::vector<ActiveRule> ReadActiveRules(const AssignmentRows& rows);
struct MemberRow {
  std::string member;
  std::optional<int64_t> capacity;  // nullopt = no cap
  int64_t load = 0;
  std::optional<std::string>
      state;  // of the directory's projection: a MemberState; nullopt = not known
};
std::vector<MemberRow> ReadMembers(const AssignmentRows& rows);
// The turns that were taken: the latest of each member, and of the rule.
void QueueTurns(pg::Tx& tx, const std::string& rule, int64_t turn,
                const std::vector<std::pair<std::string, int64_t>>& turns);

// The directory's state of a member; one row or none.
pg::Pending QueueMemberState(pg::Tx& tx, const std::string& member);

}  // namespace steward::leads
