#pragma once
// Periods on the wire.

#include <string>
#include <string_view>

#include "services/scoring/domain/period.h"
#include "services/scoring/storage/period_store.h"
#include "steward/scoring/v1/periods_service.pb.h"

namespace steward::scoring {

// An open one.
void ToProto(const Period& period, v1::Period* out);
void ToProto(const Period& period, const StoredPeriod& stored, v1::Period* out);

// FAILED_PRECONDITION PERIOD_STATE.
absl::Status WrongState(const std::string& period, std::string_view is, std::string_view wanted);

}  // namespace steward::scoring
