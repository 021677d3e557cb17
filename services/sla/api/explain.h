#pragma once
// Why a clock is due when it is, in data and in words (R57).

#include <vector>

#include "services/sla/domain/clock.h"
#include "services/sla/storage/clock_queries.h"
#include "steward/sla/v1/sla.pb.h"

namespace steward::sla {

// `siblings`: all clocks of the subject, for the versions they keep.
absl::Status Explain(const Clock& clock, const std::vector<Clock>& siblings,
                     const std::vector<StoredFact>& facts, const std::vector<FiringRow>& firings,
                     const RuleSet& rules, Time now, v1::ClockExplanation* out);

}  // namespace steward::sla
