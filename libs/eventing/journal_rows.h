#pragma once
// Internal: the columns of a journal row, in the order ToRows reads them.

#include <vector>

#include "libs/eventing/journal.h"

// Every column is qualified: an output that is named like an ORDER BY expression would turn the index scan into a sort.
#define STEWARD_JOURNAL_COLUMNS                                                         \
  "j.xid, j.seq, j.event_id, j.aggregate, j.aggregate_version, j.type, j.occurred_at, " \
  "j.recorded_at, j.actor, j.correlation, j.causation, j.traceparent, j.payload"

namespace steward::eventing {

std::vector<JournalRow> ToRows(const pg::Result& result);

}  // namespace steward::eventing
