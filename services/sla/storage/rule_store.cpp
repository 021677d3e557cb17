#include "services/sla/storage/rule_store.h"

namespace steward::sla {
namespace {

constexpr pg::Statement kCalendarHead{
    "sla_calendar_head",
    "SELECT version, newest_version, active_version FROM calendar WHERE name = $1"};
constexpr pg::Statement kPolicyHead{
    "sla_policy_head",
    "SELECT version, newest_version, active_version FROM policy WHERE name = $1"};
constexpr pg::Statement kCalendarVersion{
    "sla_calendar_version",
    "SELECT spec, create_time FROM calendar_version WHERE calendar = $1 AND version = $2"};
constexpr pg::Statement kPolicyVersion{"sla_policy_version",
                                       "SELECT spec, create_time, activated, effective_from FROM "
                                       "policy_version WHERE policy = $1 AND version = $2"};
constexpr pg::Statement kPutCalendar{
    "sla_put_calendar",
    "INSERT INTO calendar (name, version, newest_version, active_version) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (name) "
    "DO UPDATE SET version = excluded.version, newest_version = excluded.newest_version, "
    "active_version = excluded.active_version"};
constexpr pg::Statement kPutCalendarVersion{
    "sla_put_calendar_version",
    "INSERT INTO calendar_version (calendar, version, spec, compiled) VALUES ($1, $2, $3, $4)"};
constexpr pg::Statement kPutPolicy{
    "sla_put_policy",
    "INSERT INTO policy (name, version, newest_version, active_version, pack) VALUES ($1, $2, $3, "
    "$4, $5) ON CONFLICT (name) "
    "DO UPDATE SET version = excluded.version, newest_version = excluded.newest_version, "
    "active_version = excluded.active_version, "
    "pack = excluded.pack"};
constexpr pg::Statement kPutPolicyVersion{
    "sla_put_policy_version",
    "INSERT INTO policy_version (policy, version, spec) VALUES ($1, $2, $3)"};
constexpr pg::Statement kActivate{
    "sla_activate_policy",
    "INSERT INTO policy_activation (policy, number, version, effective_from) SELECT $1, "
    "coalesce(max(number), 0) + 1, $2, $3 FROM policy_activation WHERE policy = $1"};
constexpr pg::Statement kDeactivate{"sla_deactivate_policy",
                                    "UPDATE policy_activation SET deactivated_from = $2 WHERE "
                                    "policy = $1 AND deactivated_from IS NULL"};
// For the release that reads policy_version alone; it knows the last time only.
constexpr pg::Statement kMarkActive{
    "sla_mark_policy_active",
    "UPDATE policy_version SET activated = true, effective_from = $3, deactivated_from = NULL "
    "WHERE policy = $1 AND version = $2"};
constexpr pg::Statement kMarkInactive{"sla_mark_policy_inactive",
                                      "UPDATE policy_version SET deactivated_from = $2 WHERE "
                                      "policy = $1 AND activated AND deactivated_from IS NULL"};
constexpr pg::Statement kListCalendars{"sla_list_calendars",
                                       "SELECT c.name, c.active_version, c.newest_version, v.spec, "
                                       "v.create_time FROM calendar c JOIN calendar_version v "
                                       "ON v.calendar = c.name AND v.version = c.active_version "
                                       "WHERE c.name > $1 ORDER BY c.name LIMIT $2"};
constexpr pg::Statement kListPolicies{
    "sla_list_policies",
    "SELECT p.name, p.active_version, p.newest_version, v.spec, v.create_time FROM policy p JOIN "
    "policy_version v ON v.policy = p.name "
    "AND v.version = CASE WHEN p.active_version > 0 THEN p.active_version ELSE p.newest_version "
    "END "
    "WHERE p.name > $1 AND ($3 = '' OR p.pack = $3) ORDER BY p.name LIMIT $2"};

}  // namespace

pg::Pending QueueCalendarHead(pg::Tx& tx, const std::string& name) {
  return tx.Queue(kCalendarHead, pg::Params().Add(name));
}
pg::Pending QueuePolicyHead(pg::Tx& tx, const std::string& name) {
  return tx.Queue(kPolicyHead, pg::Params().Add(name));
}

std::optional<RuleHead> ReadHead(const pg::Pending& row) {
  if (row->rows() == 0) {
    return std::nullopt;
  }
  return RuleHead{row->Int(0, 0), static_cast<int>(row->Int(0, 1)),
                  static_cast<int>(row->Int(0, 2))};
}

pg::Pending QueueCalendarVersion(pg::Tx& tx, const std::string& name, int version) {
  return tx.Queue(kCalendarVersion, pg::Params().Add(name).Add(int32_t{version}));
}
pg::Pending QueuePolicyVersion(pg::Tx& tx, const std::string& name, int version) {
  return tx.Queue(kPolicyVersion, pg::Params().Add(name).Add(int32_t{version}));
}

void QueuePutCalendarHead(pg::Tx& tx, const std::string& name, const RuleHead& head) {
  tx.Queue(kPutCalendar, pg::Params()
                             .Add(name)
                             .Add(head.aggregate_version)
                             .Add(int32_t{head.newest})
                             .Add(int32_t{head.active}));
}
void QueuePutCalendarVersion(pg::Tx& tx, const std::string& name, int version,
                             std::string_view spec, std::string_view compiled) {
  tx.Queue(kPutCalendarVersion,
           pg::Params().Add(name).Add(int32_t{version}).AddBytes(spec).AddBytes(compiled));
}
void QueuePutPolicyHead(pg::Tx& tx, const std::string& name, const std::string& pack,
                        const RuleHead& head) {
  tx.Queue(kPutPolicy, pg::Params()
                           .Add(name)
                           .Add(head.aggregate_version)
                           .Add(int32_t{head.newest})
                           .Add(int32_t{head.active})
                           .Add(pack));
}
void QueuePutPolicyVersion(pg::Tx& tx, const std::string& name, int version,
                           std::string_view spec) {
  tx.Queue(kPutPolicyVersion, pg::Params().Add(name).Add(int32_t{version}).AddBytes(spec));
}
void QueueActivatePolicy(pg::Tx& tx, const std::string& name, int version,
                         std::optional<Time> effective_from) {
  for (const pg::Statement* statement : {&kActivate, &kMarkActive}) {
    tx.Queue(*statement, pg::Params().Add(name).Add(int32_t{version}).AddOptional(effective_from));
  }
}
void QueueDeactivatePolicy(pg::Tx& tx, const std::string& name, Time from) {
  tx.Queue(kDeactivate, pg::Params().Add(name).Add(from));
  tx.Queue(kMarkInactive, pg::Params().Add(name).Add(from));
}

absl::StatusOr<pg::Result> ListCalendarRows(pg::Connection& connection, const std::string& after,
                                            int limit) {
  return connection.Run(kListCalendars, pg::Params().Add(after).Add(int64_t{limit}));
}
absl::StatusOr<pg::Result> ListPolicyRows(pg::Connection& connection, const std::string& pack,
                                          const std::string& after, int limit) {
  return connection.Run(kListPolicies, pg::Params().Add(after).Add(int64_t{limit}).Add(pack));
}

}  // namespace steward::sla
