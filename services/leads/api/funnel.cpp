// Pipelines, and the funnel that is reckoned over one version of one.

#include <utility>

#include "libs/base/refusals.h"
#include "libs/rpc/validate.h"
#include "libs/service/pages.h"
#include "services/leads/api/mapping.h"
#include "services/leads/api/opportunities_api.h"
#include "services/leads/api/pipeline_mapping.h"
#include "services/leads/storage/funnel_store.h"

namespace steward::leads {
namespace {

// `default@3`, as refusals name a version.
std::string VersionName(const std::string& id, int32_t version) {
  return PipelineName(id) + "@" + std::to_string(version);
}

absl::Status CheckVersion(int32_t version) {
  return version < 0 ? FieldInvalid("version", "counts from 1; 0 is the active one")
                     : absl::OkStatus();
}

bool IsSame(const PipelineSpec& wanted, PipelineSpec active) {
  active.version = wanted.version;
  return active == wanted;
}

FunnelGrouping GroupingOf(v1::FunnelGrouping grouping) {
  switch (grouping) {
    case v1::FUNNEL_GROUPING_OWNER:
      return FunnelGrouping::kOwner;
    case v1::FUNNEL_GROUPING_TEAM:
      return FunnelGrouping::kTeam;
    case v1::FUNNEL_GROUPING_REGION:
      return FunnelGrouping::kRegion;
    default:
      return FunnelGrouping::kNone;
  }
}

// By who answered for it then: what is reassigned later leaves an answer of the past as it was.
FunnelCounter::Counts WithinReach(const rpc::Reach& reach) {
  if (reach.all) {
    return {};
  }
  return [&reach](const FunnelEntry& last) {
    return Contains(reach.members, last.owner) || Contains(reach.teams, last.team);
  };
}

}  // namespace

absl::Status OpportunitiesApi::ListPipelines(const rpc::Call& call,
                                             const v1::ListPipelinesRequest& request,
                                             v1::ListPipelinesResponse* response) {
  ASSIGN_OR_RETURN(const service::Page page,
                   service::OpenPage(*deps_.tokens, "ListPipelines", request, 1));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredPipeline> found,
                   leads::ListPipelines(*db, page.place().empty() ? "" : page.place()[0],
                                        page.limit(), call.TimeLeft()));
  if (page.Cut(found)) {
    page.Continue({found.back().id}, response);
  }
  for (const StoredPipeline& stored : found) {
    RETURN_IF_ERROR(ToProto(stored, response->add_pipelines()));
  }
  return absl::OkStatus();
}

absl::Status OpportunitiesApi::GetPipeline(const rpc::Call& call,
                                           const v1::GetPipelineRequest& request,
                                           v1::Pipeline* response) {
  ASSIGN_OR_RETURN(const std::string id, ParsePipelineName("name", request.name()));
  RETURN_IF_ERROR(CheckVersion(request.version()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::optional<StoredPipeline> stored,
                   leads::GetPipeline(*db, id, request.version(), call.TimeLeft()));
  if (!stored) {
    return NotFound(request.version() == 0 ? PipelineName(id) : VersionName(id, request.version()));
  }
  return ToProto(*stored, response);
}

absl::Status OpportunitiesApi::CreatePipelineVersion(
    const rpc::Call& call, const v1::CreatePipelineVersionRequest& request,
    v1::Pipeline* response) {
  if (request.pipeline().name().empty()) {
    return FieldInvalid("pipeline.name", "is required: `pipelines/{id}`");
  }
  ASSIGN_OR_RETURN(const std::string id,
                   ParsePipelineName("pipeline.name", request.pipeline().name()));
  const std::string name = PipelineName(id);
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending active = QueuePipeline(tx, id, 0);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        StoredPipeline fresh{id, 1, ToJson(request.pipeline()), call.caller, command.now(), true};
        if (active->rows() > 0) {
          const StoredPipeline before = ReadPipeline(*active, 0);
          fresh.version = before.version + 1;
          ASSIGN_OR_RETURN(const PipelineSpec spec, SpecOf(before));
          if (IsSame(SpecOf(request.pipeline(), id, fresh.version), spec)) {
            return NothingToChange("pipeline", VersionName(id, before.version));
          }
        }
        RETURN_IF_ERROR(Pipeline::Create(SpecOf(request.pipeline(), id, fresh.version)).status());
        RETURN_IF_ERROR(ToProto(fresh, response));
        if (request.validate_only()) {
          return absl::OkStatus();
        }
        command.Claim(name);
        QueueInsert(tx, fresh);
        return absl::OkStatus();
      });
}

absl::Status OpportunitiesApi::GetFunnel(const rpc::Call& call, const v1::GetFunnelRequest& request,
                                         v1::GetFunnelResponse* response) {
  ASSIGN_OR_RETURN(const std::string id, ParsePipelineName("pipeline", request.pipeline()));
  RETURN_IF_ERROR(CheckVersion(request.version()));
  const Time now = deps_.env.clock->Now();
  AsOf as_of{request.has_as_of() ? rpc::FromProto(request.as_of()) : now,
             request.clock() == v1::FUNNEL_CLOCK_OCCURRED ? FunnelClock::kOccurred
                                                          : FunnelClock::kRecorded};
  if (as_of.at > now) {
    return FieldInvalid("as_of", "lies ahead of now, " + FormatTime(now));
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  int32_t version = request.version();
  if (version == 0) {
    ASSIGN_OR_RETURN(const std::optional<StoredPipeline> active,
                     leads::GetPipeline(*db, id, 0, call.TimeLeft()));
    if (!active) {
      return NotFound(PipelineName(id));
    }
    version = active->version;
  }
  ASSIGN_OR_RETURN(const Pipeline* pipeline,
                   deps_.pipelines->Find(*db, id, version, call.TimeLeft()));
  FunnelCounter counter(*pipeline, as_of, GroupingOf(request.group_by()), WithinReach(call.reach));
  RETURN_IF_ERROR(ReadFunnelEntries(
      *db, id, version, as_of, [&call] { return call.TimeLeft(); },
      [&counter](const std::vector<FunnelEntry>& entries) { return counter.Add(entries); }));
  ToProto(*pipeline, counter.Groups(), response);
  *response->mutable_as_of() = rpc::ToProto(as_of.at);
  response->set_clock(as_of.clock == FunnelClock::kOccurred ? v1::FUNNEL_CLOCK_OCCURRED
                                                            : v1::FUNNEL_CLOCK_RECORDED);
  return absl::OkStatus();
}

}  // namespace steward::leads
