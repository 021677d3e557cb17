#pragma once
// SQL of the links between repeat complaints, under the lock of `repeat/{customer id}`.

#include <string_view>
#include <vector>

#include "libs/pg/tx.h"
#include "services/complaints/domain/repeats.h"

namespace steward::complaints {

// Tickets of a customer that were raised at or after `from` and are not cancelled, the newest
// 2,000.
pg::Pending QueueRepeatCandidates(pg::Tx& tx, std::string_view customer, Time from);
std::vector<RepeatCandidate> ReadRepeatCandidates(const pg::Result& result);
// Version of the customer's chain; no row = 0.
pg::Pending QueueChainVersion(pg::Tx& tx, std::string_view customer);
int64_t ReadChainVersion(const pg::Result& result);
void QueueChain(pg::Tx& tx, std::string_view customer, int64_t version);
void QueueLink(pg::Tx& tx, const FoundRepeat& repeat);

}  // namespace steward::complaints
