// Scoring models: versions made, read and activated.

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/scoring/api/lead_scores_api.h"
#include "services/scoring/api/model_mapping.h"
#include "services/scoring/storage/pending_store.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"

namespace steward::scoring {
namespace {

using Event = events::v1::ScoringEvent;

eventing::NewEvent EventOf(const service::Env& env, const service::Command& command,
                           const std::string& id, int64_t aggregate_version, int32_t version,
                           events::v1::ScoringModelVersion* (Event::*what)()) {
  Event event;
  (event.*what)()->set_version(version);
  return eventing::MakeEvent(*env.ids, command.now(), ModelName(id), aggregate_version,
                             command.now(), event);
}

std::string VersionName(const std::string& name, int32_t version) {
  return version == 0 ? name : name + "@" + std::to_string(version);
}

absl::Status NotActive(const std::string& name, const pg::Result& active) {
  const std::string other =
      active.rows() == 0 ? "no model" : "`" + ModelName(ReadModel(active, 0).id) + "`";
  return Precondition("MODEL_NOT_ACTIVE", "leads are scored by " + other + ", not by " + name,
                      {{"name", name}});
}

}  // namespace

absl::Status LeadScoresApi::CreateScoringModelVersion(
    const rpc::Call& call, const v1::CreateScoringModelVersionRequest& request,
    v1::ScoringModel* response) {
  ASSIGN_OR_RETURN(const std::string id, ParseModelName("model.name", request.model().name()));
  RETURN_IF_ERROR(FromProto(request.model(), id, 1).status());
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(request.model().name())});
        command.Find();
        const pg::Pending row = QueueModelHead(tx, id);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        const ModelHead head = ReadModelHead(*row);
        const StoredModel stored{id,          head.newest + 1, ToJson(request.model()),
                                 call.caller, command.now(),   false};
        RETURN_IF_ERROR(ToProto(stored, response));
        if (request.validate_only()) {
          return absl::OkStatus();
        }
        command.Claim(request.model().name());
        QueueModelHead(tx, id, head.aggregate_version + 1);
        QueueInsertModel(tx, stored);
        return command.Append({EventOf(deps_.env, command, id, head.aggregate_version + 1,
                                       stored.version, &Event::mutable_model_version_created)});
      });
}

absl::Status LeadScoresApi::ActivateScoringModel(const rpc::Call& call,
                                                 const v1::ActivateScoringModelRequest& request,
                                                 v1::ScoringModel* response) {
  ASSIGN_OR_RETURN(const std::string id, ParseModelName("name", request.name()));
  if (request.version() < 1) {
    return FieldInvalid("version", "counts from 1");
  }
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        // The scores' too: the rescorer sees either no model or its request for a sweep.
        tx.Lock({pg::LockKey::Exclusive(request.name()), pg::LockKey::Exclusive(kScoresLock)});
        command.Find();
        const pg::Pending row = QueueModelHead(tx, id);
        const pg::Pending model = QueueModel(tx, id, request.version());
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (model->rows() == 0) {
          return NotFound(VersionName(request.name(), request.version()));
        }
        const ModelHead head = ReadModelHead(*row);
        if (head.active == request.version()) {
          return NothingToChange("version", std::to_string(request.version()));
        }
        StoredModel stored = ReadModel(*model, 0);
        stored.active = true;
        RETURN_IF_ERROR(ToProto(stored, response));
        command.Claim(request.name());
        QueueModelHead(tx, id, head.aggregate_version + 1);
        QueueActivate(tx, id, request.version());
        QueueAskSweep(tx);
        if (deps_.asked) {
          tx.AfterCommit(deps_.asked);
        }
        return command.Append({EventOf(deps_.env, command, id, head.aggregate_version + 1,
                                       stored.version, &Event::mutable_model_activated)});
      });
}

absl::Status LeadScoresApi::DeactivateScoringModel(const rpc::Call& call,
                                                   const v1::DeactivateScoringModelRequest& request,
                                                   v1::ScoringModel* response) {
  ASSIGN_OR_RETURN(const std::string id, ParseModelName("name", request.name()));
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        // The scores' too: no batch that was begun with the model ends after this.
        tx.Lock({pg::LockKey::Exclusive(request.name()), pg::LockKey::Exclusive(kScoresLock)});
        command.Find();
        const pg::Pending row = QueueModelHead(tx, id);
        const pg::Pending active = QueueActiveModel(tx);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        const ModelHead head = ReadModelHead(*row);
        if (head.newest == 0) {
          return NotFound(request.name());
        }
        if (!head.active) {
          return NotActive(request.name(), *active);
        }
        StoredModel stored = ReadModel(*active, 0);
        stored.active = false;
        RETURN_IF_ERROR(ToProto(stored, response));
        command.Claim(request.name());
        QueueModelHead(tx, id, head.aggregate_version + 1);
        QueueDeactivate(tx);
        return command.Append({EventOf(deps_.env, command, id, head.aggregate_version + 1,
                                       stored.version, &Event::mutable_model_deactivated)});
      });
}

absl::Status LeadScoresApi::GetScoringModel(const rpc::Call& call,
                                            const v1::GetScoringModelRequest& request,
                                            v1::ScoringModel* response) {
  ASSIGN_OR_RETURN(const std::string id, ParseModelName("name", request.name()));
  if (request.version() < 0) {
    return FieldInvalid("version", "counts from 1; 0 = the newest");
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::optional<StoredModel> model,
                   GetModel(*db, id, request.version(), call.TimeLeft()));
  return model ? ToProto(*model, response)
               : NotFound(VersionName(request.name(), request.version()));
}

absl::Status LeadScoresApi::ListScoringModels(const rpc::Call& call,
                                              const v1::ListScoringModelsRequest& request,
                                              v1::ListScoringModelsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read("ListScoringModels", request.page_token()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredModel> models, ListModels(*db, cursor.empty() ? "" : cursor[0],
                                                               page_size + 1, call.TimeLeft()));
  if (models.size() > static_cast<size_t>(page_size)) {
    models.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(deps_.tokens->Make("ListScoringModels", {models.back().id}));
  }
  for (const StoredModel& model : models) {
    RETURN_IF_ERROR(ToProto(model, response->add_models()));
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
