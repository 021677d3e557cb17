#pragma once
// Domain to API.

#include "services/sla/domain/clock.h"
#include "services/sla/storage/clock_queries.h"
#include "services/sla/storage/rules.h"
#include "steward/sla/v1/sla.pb.h"

namespace steward::sla {

// Everything of a clock that does not depend on its facts: state, thresholds, overdue, what is left. While a clock is paused
// `due_if_resumed_now` and `remaining` need its pauses: see `FillPaused`.
v1::Clock ToProto(const Clock& clock, const RuleSet& rules, Time now);
// The same with the facts at hand: exact `due_if_resumed_now` and `remaining`.
void FillFromPlan(const ClockPlan& plan, const Policy& policy, const RuleSet& rules, Time now,
                  v1::Clock* out);
v1::Clock::Status StatusOf(const Clock& clock);
v1::Escalation ToProto(const EscalationRow& row);
// `OPEN`, as in the API.
std::string StateName(const Escalation& escalation);
std::string EtagOf(int64_t version);

}  // namespace steward::sla
