#include "services/leads/storage/assignment_store.h"

#include <algorithm>

#include "libs/base/status.h"

namespace steward::leads {
namespace {

constexpr pg::Statement kHead{
    "assignment_rule_head",
    "SELECT latest_version, active_version FROM assignment_rule WHERE name = $1::text"};
constexpr pg::Statement kPutHead{
    "assignment_rule_put",
    "INSERT INTO assignment_rule (name, latest_version, active_version, turn) "
    "VALUES ($1, $2, 0, 0) ON CONFLICT (name) DO UPDATE SET latest_version = $2"};
constexpr pg::Statement kInsertVersion{
    "assignment_rule_version_insert",
    "INSERT INTO assignment_rule_version (rule, version, method, display_name, display_name_zh, "
    "created_by, create_time) VALUES ($1, $2, $3, $4, $5, $6, $7)"};
constexpr pg::Statement kInsertSeat{
    "assignment_seat_insert",
    "INSERT INTO assignment_seat (rule, version, position, member, territories, industries, "
    "skills, capacity) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr pg::Statement kActivate{
    "assignment_rule_activate",
    "UPDATE assignment_rule SET active_version = $2::integer WHERE name = $1::text"};
constexpr pg::Statement kAddAssignees{
    "assignee_add",
    "INSERT INTO assignee (member) SELECT member FROM assignment_seat WHERE rule = $1::text AND "
    "version = $2::integer ORDER BY member ON CONFLICT DO NOTHING"};
constexpr pg::Statement kSetCaps{
    "assignee_caps",
    "UPDATE assignee a SET capacity = n.capacity FROM (SELECT a.member, (SELECT min(s.capacity) "
    "FROM assignment_seat s JOIN assignment_rule r ON r.name = s.rule AND r.active_version = "
    "s.version WHERE s.member = a.member) AS capacity FROM assignee a) n "
    "WHERE n.member = a.member AND n.capacity IS DISTINCT FROM a.capacity"};

// One row a seat, the rule's columns on each.
#define RULE_COLUMNS                                                                          \
  "v.rule, v.version, v.method, v.display_name, v.display_name_zh, r.active_version = "       \
  "v.version, v.created_by, v.create_time, s.member, s.territories, s.industries, s.skills, " \
  "s.capacity"
#define RULE_TABLES                                                            \
  " FROM assignment_rule r JOIN assignment_rule_version v ON v.rule = r.name " \
  "JOIN assignment_seat s ON s.rule = v.rule AND s.version = v.version "
#define SHOWN_VERSION \
  "CASE WHEN r.active_version > 0 THEN r.active_version ELSE r.latest_version END"
constexpr pg::Statement kGet{"assignment_rule_get",
                             "SELECT " RULE_COLUMNS RULE_TABLES
                             "WHERE r.name = $1::text AND v.version = CASE WHEN $2::integer > 0 "
                             "THEN $2::integer ELSE " SHOWN_VERSION " END ORDER BY s.position"};
constexpr pg::Statement kList{
    "assignment_rule_list",
    "WITH page AS (SELECT v.rule, v.version FROM assignment_rule r JOIN assignment_rule_version v "
    "ON v.rule = r.name WHERE ($1::boolean OR v.version = " SHOWN_VERSION
    ") AND ($2::text IS NULL OR v.rule > $2::text OR (v.rule = $2::text AND v.version < "
    "$3::integer)) ORDER BY v.rule, v.version DESC LIMIT $4::bigint) "
    "SELECT " RULE_COLUMNS RULE_TABLES
    "JOIN page p ON p.rule = v.rule AND p.version = v.version "
    "ORDER BY v.rule, v.version DESC, s.position"};

constexpr pg::Statement kRuleTurns{
    "assignment_rule_turns", "SELECT name, turn FROM assignment_rule WHERE name = ANY($1::text[])"};
#define ACTIVE_SEATS                                                                    \
  "assignment_seat s JOIN assignment_rule r ON r.name = s.rule AND r.active_version = " \
  "s.version"
// No locks of rows: the first of those takes a transaction id, and then the wait for the others would put what is
// decided last first in the journal. Sorted by hash, as pg::Tx::Lock does.
constexpr pg::Statement kLockMembers{
    "assignment_lock_members",
    "SELECT pg_advisory_xact_lock(k.hash) FROM (SELECT DISTINCT hashtextextended(m.member, 22050) "
    "AS hash FROM (SELECT unnest($2::text[]) AS member UNION ALL SELECT s.member FROM " ACTIVE_SEATS
    " WHERE r.name = ANY($1::text[]) UNION ALL SELECT l.owner FROM lead l WHERE l.id = "
    "ANY($3::uuid[]) AND l.owner <> '') m ORDER BY hash) k"};
constexpr pg::Statement kSeats{
    "assignment_seats",
    "SELECT s.rule, s.version, v.method, s.member, s.territories, s.industries, s.skills, "
    "s.capacity, coalesce(t.turn, 0) FROM " ACTIVE_SEATS
    " JOIN assignment_rule_version v ON v.rule = s.rule AND v.version = s.version "
    "LEFT JOIN assignment_turn t ON t.rule = s.rule AND t.member = s.member "
    "WHERE r.name = ANY($1::text[]) ORDER BY s.rule, s.position"};
constexpr pg::Statement kMembers{
    "assignment_members",
    "SELECT m.member, a.capacity, (SELECT count(*) FROM lead l WHERE l.owner = m.member AND "
    "l.state IN (2, 3)), o.state FROM (SELECT unnest($2::text[]) AS member UNION SELECT s.member "
    "FROM " ACTIVE_SEATS
    " WHERE r.name = ANY($1::text[])) m LEFT JOIN assignee a ON a.member = m.member "
    "LEFT JOIN org_entry o ON o.name = m.member"};
constexpr pg::Statement kTurnOfRule{
    "assignment_rule_turn", "UPDATE assignment_rule SET turn = $2::bigint WHERE name = $1::text"};
constexpr pg::Statement kTurns{
    "assignment_turns",
    "INSERT INTO assignment_turn (rule, member, turn) SELECT $1::text, member, turn FROM "
    "unnest($2::text[], $3::bigint[]) AS t (member, turn) "
    "ON CONFLICT (rule, member) DO UPDATE SET turn = EXCLUDED.turn"};
constexpr pg::Statement kMemberState{"assignment_member_state",
                                     "SELECT state FROM org_entry WHERE name = $1::text"};

// Columns `first` to `first + 4` of a seat.
Seat ReadSeat(const pg::Result& result, int row, int first) {
  return {result.Text(row, first), result.Texts(row, first + 1), result.Texts(row, first + 2),
          result.Texts(row, first + 3), result.Int(row, first + 4)};
}

pg::Params RuleParams(const std::string& rule, int version) {
  return pg::Params().Add(rule).Add(static_cast<int32_t>(version));
}

}  // namespace

pg::Pending QueueRuleHead(pg::Tx& tx, const std::string& rule) {
  return tx.Queue(kHead, pg::Params().Add(rule));
}

std::optional<RuleHead> ReadRuleHead(const pg::Result& result) {
  if (result.rows() == 0) {
    return std::nullopt;
  }
  return RuleHead{static_cast<int>(result.Int(0, 0)), static_cast<int>(result.Int(0, 1))};
}

void QueueInsertRule(pg::Tx& tx, const StoredRule& stored) {
  const AssignmentRule& rule = stored.rule;
  tx.Queue(kPutHead, RuleParams(rule.id, rule.version));
  tx.Queue(kInsertVersion, RuleParams(rule.id, rule.version)
                               .Add(static_cast<int16_t>(rule.method))
                               .Add(stored.display_name)
                               .Add(stored.display_name_zh)
                               .Add(stored.created_by)
                               .Add(stored.create_time));
  for (size_t i = 0; i < rule.seats.size(); ++i) {
    const Seat& seat = rule.seats[i];
    tx.Queue(kInsertSeat, RuleParams(rule.id, rule.version)
                              .Add(static_cast<int32_t>(i))
                              .Add(seat.member)
                              .AddTexts(seat.territories)
                              .AddTexts(seat.industries)
                              .AddTexts(seat.skills)
                              .Add(seat.capacity));
  }
}

void QueueActivate(pg::Tx& tx, const std::string& rule, int version) {
  tx.Queue(kActivate, RuleParams(rule, version));
  tx.Queue(kAddAssignees, RuleParams(rule, version));
  tx.Queue(kSetCaps);
}

pg::Pending QueueRule(pg::Tx& tx, const std::string& rule, int version) {
  return tx.Queue(kGet, RuleParams(rule, version));
}

std::vector<StoredRule> ReadRules(const pg::Result& result) {
  std::vector<StoredRule> rules;
  for (int row = 0; row < result.rows(); ++row) {
    const std::string name = result.Text(row, 0);
    const int version = static_cast<int>(result.Int(row, 1));
    if (rules.empty() || rules.back().rule.id != name || rules.back().rule.version != version) {
      rules.push_back({{name, version, static_cast<AssignmentMethod>(result.Int(row, 2)), {}},
                       result.Text(row, 3),
                       result.Text(row, 4),
                       result.Bool(row, 5),
                       result.Text(row, 6),
                       result.Timestamp(row, 7)});
    }
    rules.back().rule.seats.push_back(ReadSeat(result, row, 8));
  }
  return rules;
}

absl::StatusOr<std::optional<StoredRule>> GetRule(pg::Connection& db, const std::string& rule,
                                                  int version, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kGet, RuleParams(rule, version), timeout));
  std::vector<StoredRule> rules = ReadRules(result);
  return rules.empty() ? std::nullopt : std::optional(std::move(rules.front()));
}

absl::StatusOr<std::vector<StoredRule>> ListRules(pg::Connection& db, bool all_versions,
                                                  const std::optional<RuleCursor>& after, int limit,
                                                  Duration timeout) {
  pg::Params params;
  params.Add(all_versions);
  params.AddOptional(after ? std::optional(after->first) : std::nullopt);
  params.AddOptional(after ? std::optional(static_cast<int32_t>(after->second)) : std::nullopt);
  params.Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kList, params, timeout));
  return ReadRules(result);
}

void QueueMemberLocks(pg::Tx& tx, const std::vector<std::string>& rules,
                      const std::vector<std::string>& owners, const std::vector<Uuid>& leads) {
  tx.Queue(kLockMembers, pg::Params().AddTexts(rules).AddTexts(owners).AddUuids(leads));
}

AssignmentRows QueueAssignmentRows(pg::Tx& tx, const std::vector<std::string>& rules,
                                   const std::vector<std::string>& owners) {
  const pg::Params both = pg::Params().AddTexts(rules).AddTexts(owners);
  AssignmentRows rows;
  rows.rules = tx.Queue(kRuleTurns, pg::Params().AddTexts(rules));
  rows.seats = tx.Queue(kSeats, pg::Params().AddTexts(rules));
  rows.members = tx.Queue(kMembers, both);
  return rows;
}

std::vector<ActiveRule> ReadActiveRules(const AssignmentRows& rows) {
  std::vector<ActiveRule> rules;
  const pg::Result& seats = *rows.seats;
  for (int row = 0; row < seats.rows(); ++row) {
    const std::string name = seats.Text(row, 0);
    if (rules.empty() || rules.back().rule.id != name) {
      rules.push_back({{name,
                        static_cast<int>(seats.Int(row, 1)),
                        static_cast<AssignmentMethod>(seats.Int(row, 2)),
                        {}},
                       0,
                       {}});
    }
    rules.back().rule.seats.push_back(ReadSeat(seats, row, 3));
    rules.back().last_turns.push_back(seats.Int(row, 8));
  }
  for (ActiveRule& rule : rules) {
    for (int row = 0; row < rows.rules->rows(); ++row) {
      if (rows.rules->Text(row, 0) == rule.rule.id) {
        rule.turn = rows.rules->Int(row, 1);
      }
    }
  }
  return rules;
}

std::vector<MemberRow> ReadMembers(const AssignmentRows& rows) {
  std::vector<MemberRow> members;
  const pg::Result& result = *rows.members;
  for (int row = 0; row < result.rows(); ++row) {
    members.push_back({result.Text(row, 0), result.OptionalInt(row, 1), result.Int(row, 2),
                       result.IsNull(row, 3) ? std::nullopt : std::optional(result.Bytes(row, 3))});
  }
  return members;
}

void QueueTurns(pg::Tx& tx, const std::string& rule, int64_t turn,
                const std::vector<std::pair<std::string, int64_t>>& turns) {
  std::vector<std::string> members;
  std::vector<int64_t> numbers;
  for (const auto& [member, number] : turns) {
    members.push_back(member);
    numbers.push_back(number);
  }
  tx.Queue(kTurnOfRule, pg::Params().Add(rule).Add(turn));
  tx.Queue(kTurns, pg::Params().Add(rule).AddTexts(members).AddInts(numbers));
}

pg::Pending QueueMemberState(pg::Tx& tx, const std::string& member) {
  return tx.Queue(kMemberState, pg::Params().Add(member));
}

}  // namespace steward::leads
