#pragma once
// A customer's history as people read it, from rows of the journal.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/eventing/journal.h"
#include "steward/leads/v1/leads.pb.h"

namespace steward::leads {

// One change for each field that the event changed; one without `field` for the registration.
// INTERNAL when the payload does not parse.
absl::StatusOr<std::vector<v1::CustomerChange>> ChangesOf(const eventing::JournalRow& row);

}  // namespace steward::leads
