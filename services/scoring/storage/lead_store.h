#pragma once
// Leads, their events, opportunities and outcomes; outcomes counted; who waits to be scored.

#include <map>
#include <string>
#include <vector>

#include "libs/pg/tx.h"
#include "services/scoring/domain/lead_book.h"
#include "services/scoring/domain/lead_score.h"

namespace steward::scoring {

// What a LeadBook is made of, in two round trips: these opportunities, then these leads and those of the opportunities with all that
// is theirs.
absl::StatusOr<LeadBook::Contents> LoadBook(pg::Tx& tx, const std::vector<std::string>& leads,
                                            const std::vector<std::string>& opportunities);
void QueueChanges(pg::Tx& tx, const LeadBook::Changes& changes);

struct CustomerTiers {
  std::string customer;
  int64_t version = 0;
  std::vector<std::string> tiers;
};
// Also marks the customer's open leads.
void QueueTiers(pg::Tx& tx, const CustomerTiers& tiers);

// Captured leads of these names, by name; what only touches spoke of is not there.
absl::StatusOr<std::vector<LeadFacts>> LoadFacts(pg::Tx& tx, const std::vector<std::string>& leads);
absl::StatusOr<OutcomeCounts::Rows> LoadCounts(pg::Tx& tx);
// Throws the counts away and makes them anew from the outcomes.
[[nodiscard]] absl::Status RebuildCounts(pg::Tx& tx);

}  // namespace steward::scoring
