#pragma once
// Pipelines and figures of the funnel between protobuf, JSON as stored, and the domain.

#include <string>

#include "absl/status/statusor.h"
#include "services/leads/domain/funnel.h"
#include "services/leads/domain/pipeline.h"
#include "services/leads/storage/pipeline_store.h"
#include "steward/leads/v1/opportunities_service.pb.h"

namespace steward::leads {

// The id of `pipelines/{id}`; an empty name means the default one.
absl::StatusOr<std::string> ParsePipelineName(std::string_view field, std::string_view name);
inline std::string PipelineName(std::string_view id) { return "pipelines/" + std::string(id); }

// As the message says, unchecked (FaultsOf).
PipelineSpec SpecOf(const v1::Pipeline& from, std::string id, int version);
// What is stored of a version: without its name, version and what only answers say.
std::string ToJson(const v1::Pipeline& from);
// INTERNAL when the stored JSON does not parse.
absl::StatusOr<PipelineSpec> SpecOf(const StoredPipeline& stored);
absl::Status ToProto(const StoredPipeline& from, v1::Pipeline* to);

void ToProto(const Pipeline& pipeline, const std::vector<FunnelGroup>& groups,
             v1::GetFunnelResponse* to);

}  // namespace steward::leads
