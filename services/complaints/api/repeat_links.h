#pragma once
// Links between repeat complaints, written in the transaction of the command that makes them
// (ruling H13).

#include <optional>
#include <string_view>
#include <vector>

#include "libs/eventing/journal.h"
#include "libs/pg/tx.h"
#include "services/complaints/domain/repeats.h"
#include "services/complaints/domain/ticket_event.h"

namespace steward::complaints {

// What follows from the arrival of a ticket and from the reopenings in its past. `known` are the
// customer's tickets within the window.
std::vector<FoundRepeat> RepeatsOf(const TicketData& ticket, std::vector<RepeatCandidate> known,
                                   Duration window);
// What follows from the last reopening of a ticket; `link` is its own, if it repeats another.
FoundRepeat ReopeningOf(const TicketData& ticket, const std::optional<RepeatLink>& link);
// Queues the links and the chain's new version, and appends the journal rows of `repeat/{customer
// id}`.
void QueueRepeats(pg::Tx& tx, IdGenerator& ids, Time now, std::string_view customer,
                  int64_t chain_version, const std::vector<FoundRepeat>& repeats,
                  std::vector<eventing::NewEvent>& rows);
// The link of one ticket among them; a reopening is none.
std::optional<RepeatLink> LinkOf(const Uuid& ticket, const std::vector<FoundRepeat>& repeats);

}  // namespace steward::complaints
