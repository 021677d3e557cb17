#pragma once
// The service's own events as rows of the journal.

#include <string>

#include "libs/eventing/journal.h"
#include "services/scoring/storage/definition_store.h"
#include "services/scoring/storage/eligibility_store.h"
#include "services/scoring/storage/figure_reads.h"
#include "services/scoring/storage/period_store.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"

namespace steward::scoring {

// Of what no call stands behind.
inline constexpr char kNoTrace[] = "00-00000000000000000000000000000001-0000000000000001-00";

// Of a KPI or a scorecard, by its name.
eventing::NewEvent DefinitionEvent(IdGenerator& ids, Time now, const std::string& name,
                                   int64_t version, const std::string& digest);
eventing::NewEvent TargetEvent(IdGenerator& ids, const StoredTarget& target);
eventing::NewEvent EligibilityEvent(IdGenerator& ids, const StoredEligibility& eligibility);
eventing::NewEvent MeasurementEvent(IdGenerator& ids, const Given& given);
eventing::NewEvent FreezeEvent(IdGenerator& ids, Time now, const StoredPeriod& period);
eventing::NewEvent CloseEvent(IdGenerator& ids, Time now, const StoredPeriod& period,
                              int64_t results);
std::string HexOf(std::string_view bytes);
std::string MeasurementKey(const std::string& source, const std::string& external_id);

}  // namespace steward::scoring
