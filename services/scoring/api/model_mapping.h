#pragma once
// Scoring models between the wire, the store and the domain.

#include <string>

#include "absl/status/statusor.h"
#include "services/scoring/domain/lead_score.h"
#include "services/scoring/storage/model_store.h"
#include "steward/scoring/v1/lead_scores.pb.h"

namespace steward::scoring {

// `scoringModels/{id}`.
std::string ModelName(const std::string& id);
absl::StatusOr<std::string> ParseModelName(std::string_view field, std::string_view name);
// INVALID_ARGUMENT naming all fields at fault below `model`; passes CheckScoringModel.
absl::StatusOr<ScoringModel> FromProto(const v1::ScoringModel& from, const std::string& id,
                                       int32_t version);
std::string ToJson(const v1::ScoringModel& from);
[[nodiscard]] absl::Status ToProto(const StoredModel& from, v1::ScoringModel* to);
absl::StatusOr<ScoringModel> FromStored(const StoredModel& stored);

}  // namespace steward::scoring
