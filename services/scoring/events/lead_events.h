#pragma once
// Events of the leads service, as what scoring knows of leads. In the transaction and under the lock of the facts' projection.

#include <vector>

#include "libs/eventing/consumer.h"
#include "libs/pg/tx.h"

namespace steward::scoring {

// Events of other topics are left alone.
[[nodiscard]] absl::Status ApplyLeadEvents(pg::Tx& tx,
                                           const std::vector<const eventing::Event*>& events);

}  // namespace steward::scoring
