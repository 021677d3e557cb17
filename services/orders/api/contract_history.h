#pragma once
// A contract's history as people read it, from rows of the journal.

#include <vector>

#include "absl/status/statusor.h"
#include "libs/eventing/journal.h"
#include "steward/orders/v1/contracts.pb.h"

namespace steward::orders {

// One change for each field that the event changed; one without `field` where there is none. INTERNAL when the payload does not
// parse.
absl::StatusOr<std::vector<v1::ContractChange>> ContractChangesOf(const eventing::JournalRow& row);

}  // namespace steward::orders
