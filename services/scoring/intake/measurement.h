#pragma once
// What is asked of a value from outside, whether it comes by call or by topic.

#include <optional>
#include <string>

#include "libs/pg/tx.h"
#include "services/scoring/storage/measurement_store.h"
#include "steward/scoring/v1/measurements_service.pb.h"

namespace steward::scoring {

// Whoever closes a period holds it exclusively; whoever records a value or sets a target shares it.
inline constexpr char kClosingLock[] = "scoring/closing";

// INVALID_ARGUMENT naming every field at fault under `path`. Version 0 reads as 1; `recorder` and `record_time` are left empty.
absl::StatusOr<Given> ReadMeasurement(const std::string& path, const v1::Measurement& from,
                                      absl::CivilDay today);

// What the database knows of it; readable after the Flush.
struct KnownOf {
  pg::Pending last, kpi, closed;
};
KnownOf QueueKnown(pg::Tx& tx, const Given& given);

// The version before this one, if there is one.
absl::StatusOr<std::optional<Given>> LastOf(const KnownOf& known);
// True: it is new. False: it is the same as `last`, which stands. Else a refusal: no such KPI, one that is measured from events, a
// rating without rater or evidence, a version that is not next, a closed period.
absl::StatusOr<bool> Admit(const std::string& path, const Given& given,
                           const std::optional<Given>& last, const KnownOf& known);

}  // namespace steward::scoring
