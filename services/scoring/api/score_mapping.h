#pragma once
// Scores and their traces on the wire.

#include "services/scoring/domain/lead_score.h"
#include "services/scoring/storage/score_store.h"
#include "steward/scoring/v1/lead_scores_service.pb.h"

namespace steward::scoring {

void ToProto(const StoredScore& from, v1::LeadScore* to);
// The trace; `score` and `stored` are the caller's.
void ToProto(const LeadScore& from, v1::LeadScoreExplanation* to);

}  // namespace steward::scoring
