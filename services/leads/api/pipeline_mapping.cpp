#include "services/leads/api/pipeline_mapping.h"

#include "google/protobuf/util/json_util.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/validate.h"

namespace steward::leads {
namespace {

constexpr std::string_view kCollection = "pipelines/";
constexpr std::string_view kDefault = "default";

template <class Map>
std::map<std::string, std::string> NamesOf(const Map& from) {
  return {from.begin(), from.end()};
}

absl::Status Parse(const StoredPipeline& stored, v1::Pipeline* to) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // a later release wrote it
  if (!google::protobuf::util::JsonStringToMessage(stored.spec, to, options).ok()) {
    return absl::InternalError("pipeline " + stored.id + "@" + std::to_string(stored.version) +
                               " does not parse");
  }
  return absl::OkStatus();
}

void Fill(const Stays& from, v1::FunnelStays* to) {
  to->set_count(from.count);
  to->set_sum_seconds(from.sum_seconds);
  if (from.median) {
    *to->mutable_median() = rpc::ToProto(*from.median);
  }
}

}  // namespace

absl::StatusOr<std::string> ParsePipelineName(std::string_view field, std::string_view name) {
  if (name.empty()) {
    return std::string(kDefault);
  }
  RETURN_IF_ERROR(CheckName(field, "pipelines", name));
  return std::string(name.substr(kCollection.size()));
}

PipelineSpec SpecOf(const v1::Pipeline& from, std::string id, int version) {
  PipelineSpec spec;
  spec.id = std::move(id);
  spec.version = version;
  for (const v1::PipelineStage& stage : from.stages()) {
    Stage& added = spec.stages.emplace_back();
    added.id = stage.id();
    added.display_names = NamesOf(stage.display_names());
    added.kind = static_cast<StageKind>(stage.kind());
    added.win_basis_points = stage.win_basis_points();
    for (const v1::StageEvidence& evidence : stage.evidence()) {
      added.evidence.push_back({{evidence.any_of().begin(), evidence.any_of().end()}});
    }
  }
  for (const v1::PipelineMove& move : from.moves()) {
    spec.moves.push_back({move.from(), move.to()});
  }
  spec.reopen_won = {from.reopen_won().allowed(), from.reopen_won().stage()};
  spec.reopen_lost = {from.reopen_lost().allowed(), from.reopen_lost().stage()};
  for (const v1::LostReason& reason : from.lost_reasons()) {
    spec.lost_reasons.push_back(
        {reason.id(), NamesOf(reason.display_names()), reason.needs_note()});
  }
  return spec;
}

std::string ToJson(const v1::Pipeline& from) {
  v1::Pipeline kept = from;
  kept.clear_name();
  kept.clear_version();
  kept.clear_created_by();
  kept.clear_create_time();
  kept.clear_active();
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  // Every pipeline has a JSON form: it has no Any and no out-of-range time.
  (void)google::protobuf::util::MessageToJsonString(kept, &json, options);
  return json;
}

absl::StatusOr<PipelineSpec> SpecOf(const StoredPipeline& stored) {
  v1::Pipeline parsed;
  RETURN_IF_ERROR(Parse(stored, &parsed));
  return SpecOf(parsed, stored.id, stored.version);
}

absl::Status ToProto(const StoredPipeline& from, v1::Pipeline* to) {
  to->Clear();
  RETURN_IF_ERROR(Parse(from, to));
  to->set_name(PipelineName(from.id));
  to->set_version(from.version);
  to->set_created_by(from.created_by);
  *to->mutable_create_time() = rpc::ToProto(from.create_time);
  to->set_active(from.active);
  return absl::OkStatus();
}

void ToProto(const Pipeline& pipeline, const std::vector<FunnelGroup>& groups,
             v1::GetFunnelResponse* to) {
  to->set_pipeline(PipelineName(pipeline.spec().id));
  to->set_version(pipeline.spec().version);
  for (const FunnelGroup& group : groups) {
    v1::FunnelGroup& added = *to->add_groups();
    added.set_key(group.key);
    for (size_t i = 0; i < group.stages.size(); ++i) {
      const StageFigures& figures = group.stages[i];
      const Stage& stage = pipeline.spec().stages[i];
      v1::FunnelStage& row = *added.add_stages();
      row.set_stage(figures.stage);
      row.mutable_display_names()->insert(stage.display_names.begin(), stage.display_names.end());
      row.set_kind(static_cast<v1::PipelineStage::Kind>(stage.kind));
      row.set_now(figures.now);
      row.set_entered(figures.entered);
      row.set_converted(figures.converted);
      if (figures.conversion_basis_points) {
        row.set_conversion_basis_points(*figures.conversion_basis_points);
      }
      Fill(figures.finished, row.mutable_finished());
      Fill(figures.running, row.mutable_running());
    }
  }
}

}  // namespace steward::leads
