#pragma once
// SQL of the scores that the scoring service gave leads. Every lead has its row from the intake on.

#include <vector>

#include "libs/pg/tx.h"
#include "services/leads/domain/lead_score.h"

namespace steward::leads {

struct NewLeadScore {
  Uuid lead;
  int64_t version = 0;  // of leadScores/{uuid}
  LeadScore said;
};
// At most one a lead. The result has the ids of the leads that are there, in any order.
pg::Pending QueuePutScores(pg::Tx& tx, const std::vector<NewLeadScore>& scores);

}  // namespace steward::leads
