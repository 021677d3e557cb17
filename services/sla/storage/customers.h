#pragma once
// Tiers of customers as their events told them, and the customers whose tickets wait to be matched again.

#include <string>
#include <vector>

#include "libs/base/ids.h"
#include "libs/pg/tx.h"

namespace steward::sla {

// One event that told a customer's tiers.
struct CustomerTiers {
  std::string customer;
  int64_t version;  // of the customer
  Uuid event_id;
  std::string type;
  Time occurred_at;
  std::string payload;  // LeadsEvent
};
// Stores them and lets each customer's tickets be matched again.
void QueueTiers(pg::Tx& tx, const std::vector<CustomerTiers>& told);
// In order of customer and version.
pg::Pending QueueTiersOf(pg::Tx& tx, const std::vector<std::string>& customers);
// The same of the customer of a subject.
pg::Pending QueueTiersOfSubject(pg::Tx& tx, const std::string& subject);
std::vector<CustomerTiers> ReadTiers(const pg::Result& rows);

// Up to which version of its customer the tiers of a subject are among its facts; no row = no such subject.
pg::Pending QueueTiersSeen(pg::Tx& tx, const std::string& subject);

struct Waiting {
  std::string customer;
  int64_t version;
};
// The oldest by name after `after`.
absl::StatusOr<std::vector<Waiting>> FindWaiting(pg::Connection& db, const std::string& after,
                                                 int limit);
// Names of subjects after `after` that have not ended and have not seen this version.
absl::StatusOr<std::vector<std::string>> FindBehind(pg::Connection& db, const Waiting& waiting,
                                                    const std::string& after, int limit);
// Takes the row away unless a later event renewed it.
absl::Status FinishWaiting(pg::Connection& db, const Waiting& waiting);

}  // namespace steward::sla
