#pragma once
// SQL of calendars and policies. Writers hold the exclusive ruleset lock.

#include <optional>
#include <string>

#include "libs/pg/tx.h"
#include "steward/sla/v1/sla.pb.h"

namespace steward::sla {

// name, aggregate version, newest version, active version; no row = unknown.
pg::Pending QueueCalendarHead(pg::Tx& tx, const std::string& name);
pg::Pending QueuePolicyHead(pg::Tx& tx, const std::string& name);
struct RuleHead {
  int64_t aggregate_version = 0;
  int newest = 0;
  int active = 0;
};
std::optional<RuleHead> ReadHead(const pg::Pending& row);

// spec, create_time of one version.
pg::Pending QueueCalendarVersion(pg::Tx& tx, const std::string& name, int version);
// spec, create_time, activated, effective_from of one version.
pg::Pending QueuePolicyVersion(pg::Tx& tx, const std::string& name, int version);

void QueuePutCalendarHead(pg::Tx& tx, const std::string& name, const RuleHead& head);
void QueuePutCalendarVersion(pg::Tx& tx, const std::string& name, int version,
                             std::string_view spec, std::string_view compiled);
void QueuePutPolicyHead(pg::Tx& tx, const std::string& name, const std::string& pack,
                        const RuleHead& head);
void QueuePutPolicyVersion(pg::Tx& tx, const std::string& name, int version, std::string_view spec);
void QueueActivatePolicy(pg::Tx& tx, const std::string& name, int version,
                         std::optional<Time> effective_from);
void QueueDeactivatePolicy(pg::Tx& tx, const std::string& name, Time from);

// One page after a name: name, active version, newest version, spec of the active (else newest) version, create_time.
absl::StatusOr<pg::Result> ListCalendarRows(pg::Connection& connection, const std::string& after,
                                            int limit);
absl::StatusOr<pg::Result> ListPolicyRows(pg::Connection& connection, const std::string& pack,
                                          const std::string& after, int limit);

}  // namespace steward::sla
