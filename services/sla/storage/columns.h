#pragma once
// The columns of clocks, facts and escalations, in the order that ReadClock, ReadFact and ReadEscalation expect; and rows turned into columns,
// as statements take them.

#include <type_traits>
#include <vector>

#define STEWARD_CLOCK_COLUMNS                                                                   \
  "name, version, subject, policy, policy_version, calendar, calendar_version, metric, cycle, " \
  "run_state, start_time, "                                                                     \
  "due_time, stop_time, provisional, owner, team, pack, seed, binding, cancel_reason, ladder, " \
  "since_version, since_step"
#define STEWARD_FACT_COLUMNS "subject, version, step, event_id, type, occurred_at, source, payload"
#define STEWARD_ESCALATION_COLUMNS                                                                \
  "name, version, clock, subject, policy, cycle, level, arming, role, fallback_role, recipient, " \
  "basis, state, owner, team, occurred_at, detected_at"

namespace steward::sla {

// One value of each row: an array parameter.
template <class Row, class F>
auto Map(const std::vector<Row>& rows, F f) {
  std::vector<std::decay_t<decltype(f(rows[0]))>> out;
  out.reserve(rows.size());
  for (const Row& row : rows) {
    out.push_back(f(row));
  }
  return out;
}

}  // namespace steward::sla
