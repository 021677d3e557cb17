#pragma once
// Parts of a period that subjects are assessed for (K8).

#include <map>
#include <string>
#include <vector>

#include "libs/pg/tx.h"
#include "services/scoring/domain/part.h"
#include "services/scoring/storage/measure_reads.h"

namespace steward::scoring {

struct StoredEligibility {
  std::string subject, period, scorecard;
  int64_t version = 0;
  Days days;
  Eligibility eligibility;
  Time set_time;
  std::string set_by;
};
// Of a subject on a card, whatever period.
pg::Pending QueueEligibilities(pg::Tx& tx, const std::string& subject,
                               const std::string& scorecard);
// Of a subject in a period, on whatever card.
pg::Pending QueuePartsOf(pg::Tx& tx, const std::string& subject, const std::string& period);
absl::StatusOr<std::vector<StoredEligibility>> ReadEligibilities(const pg::Result& rows);
// Of a card, by period.
absl::StatusOr<std::map<std::string, StoredEligibility>> PartsByPeriod(const pg::Result& rows);
void QueueSetEligibility(pg::Tx& tx, const StoredEligibility& eligibility);

struct EligibilityCursor {
  std::string subject, period, scorecard;
};
// In the order of the cursor; of one subject or, where it is empty, of all.
absl::StatusOr<std::vector<StoredEligibility>> ListEligibilities(pg::Connection& db,
                                                                 const std::string& period,
                                                                 const std::string& subject,
                                                                 const EligibilityCursor& after,
                                                                 int limit, Duration timeout);

}  // namespace steward::scoring
