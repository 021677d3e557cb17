#pragma once
// A campaign's history as people read it, from rows of the journal.

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/eventing/journal.h"
#include "steward/leads/v1/campaigns.pb.h"

namespace steward::leads {

// One change for each field that the event changed; one without `field` for the plan. Of results, what was known then.
// INTERNAL when the payload does not parse.
absl::StatusOr<std::vector<v1::CampaignChange>> CampaignChangesOf(const eventing::JournalRow& row,
                                                                  std::string_view reason);

}  // namespace steward::leads
