#pragma once
// The rules in the database and in memory. Changes take the ruleset lock exclusively; consumer, watcher and commands take it
// shared, before subject locks (ruling H3).

#include <memory>
#include <mutex>
#include <string>

#include "libs/pg/tx.h"
#include "services/sla/domain/policy.h"
#include "steward/sla/v1/sla.pb.h"

namespace steward::sla {

inline constexpr char kRulesetLock[] = "sla/ruleset";
pg::LockKey SharedRuleset();
pg::LockKey ExclusiveRuleset();

// API form to domain form. INVALID_ARGUMENT names the field as in the request (`policy.target`, `calendar.holidays[3].date`).
absl::StatusOr<Policy> PolicyFromProto(const v1::Policy& proto);
absl::StatusOr<CalendarSpec> CalendarFromProto(const v1::Calendar& proto,
                                               std::string_view field = "calendar");
absl::StatusOr<Target> TargetFromProto(const v1::Target& proto, std::string_view field);
absl::StatusOr<ThresholdSpec> ThresholdFromProto(const v1::Threshold& proto,
                                                 std::string_view field);
// Compiles for the years that stored calendars cover.
absl::StatusOr<std::shared_ptr<const CompiledCalendar>> CompileStored(const CalendarSpec& spec);

// Queues the read of the revision; compare with the cache after the flush.
pg::Pending QueueRevision(pg::Tx& tx);
// Counts the revision up; the caller holds the exclusive lock.
void QueueBumpRevision(pg::Tx& tx);

// The rule set of this process. Thread-safe; a reload happens on the caller's transaction, under the lock it holds.
class RuleCache {
 public:
  // The rule set of this revision: cached, or loaded through `tx` (one flush).
  absl::StatusOr<std::shared_ptr<const RuleSet>> Get(pg::Tx& tx, int64_t revision);
  // Revision and rules in one go, for reads (two round trips at most).
  absl::StatusOr<std::shared_ptr<const RuleSet>> Current(pg::Tx& tx);

 private:
  std::mutex mutex_;
  std::shared_ptr<const RuleSet> rules_;
};

}  // namespace steward::sla
