#pragma once
// A ticket's history as people read it, from rows of the journal.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/eventing/journal.h"
#include "steward/complaints/v1/complaints.pb.h"

namespace steward::complaints {

// One change for each attribute that the event changed; one without `field` for a milestone.
// INTERNAL when the payload does not parse.
absl::StatusOr<std::vector<v1::TicketChange>> ChangesOf(const eventing::JournalRow& row,
                                                        std::string_view reason);

}  // namespace steward::complaints
