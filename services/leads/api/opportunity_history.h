#pragma once
// An opportunity's history as people read it, from rows of the journal.

#include <vector>

#include "absl/status/statusor.h"
#include "libs/eventing/journal.h"
#include "services/leads/storage/opportunity_store.h"
#include "steward/leads/v1/opportunities.pb.h"

namespace steward::leads {

// One change for each field that the event changed, with the words written to it. INTERNAL when the payload does not parse.
absl::StatusOr<std::vector<v1::OpportunityChange>> ChangesOf(
    const eventing::JournalRow& row, const std::vector<OpportunityNote>& notes);

}  // namespace steward::leads
