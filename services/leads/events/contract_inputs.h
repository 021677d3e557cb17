#pragma once
// Contracts of won opportunities, by the orders service's events: which one, its state, and that one was cancelled.

#include <string>

#include "services/leads/events/inputs.h"

namespace steward::leads {

// `opportunities/{uuid}` whose contract this event says was cancelled, or empty.
std::string CancelledFor(const eventing::Event& event);

// One event of the orders topic; most of them say nothing here. A cancelled contract needs its opportunity: NOT_FOUND without it. What
// else is told of an opportunity that is not there changes nothing: a contract is drafted by hand with whatever name was given.
[[nodiscard]] absl::Status ApplyContractEvent(pg::Tx& tx, const InputDeps& deps,
                                              const eventing::Event& event);

}  // namespace steward::leads
