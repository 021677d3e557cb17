#pragma once
// Many leads at once with all that their scores are reckoned of, and the scores that are kept of them.

#include <string>
#include <vector>

#include "libs/pg/tx.h"
#include "services/scoring/domain/lead_batch.h"
#include "services/scoring/storage/score_store.h"

namespace steward::scoring {

struct PendingBatch {
  size_t asked = 0;
  pg::Pending leads, events, opportunities;
};
PendingBatch QueueBatch(pg::Tx& tx, const std::vector<std::string>& leads);

// The open ones, by name; and what is kept of each.
struct ReadBatch {
  struct Known {
    std::string lead;
    int64_t lead_version = 0;
    bool scored = false;  // there is a row
    StoredScore score;
  };
  LeadBatch batch;
  std::vector<Known> known;
  int64_t closed = 0, unknown = 0;
};
// Events after `now` do not count.
ReadBatch ReadLeads(const PendingBatch& rows, LeadDictionary& dictionary, Time now);

// What says whether rules that were loaded before still hold: the active version, and how often outcomes were counted.
struct RulesState {
  std::string model;  // '' = none is active
  int32_t version = 0;
  int64_t counted = 0;
  friend bool operator==(const RulesState&, const RulesState&) = default;
};
pg::Pending QueueRulesState(pg::Tx& tx);
RulesState ReadRulesState(const pg::Result& result);

}  // namespace steward::scoring
