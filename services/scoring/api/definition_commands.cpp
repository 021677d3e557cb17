// Commands: versions of KPIs and cards, own targets.

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/scoring/api/measures_api.h"
#include "services/scoring/api/scorecards_api.h"
#include "services/scoring/cards.h"
#include "services/scoring/events/scoring_events.h"

namespace steward::scoring {
namespace {

// Stores `response` as the next version of its name.
template <class Message>
absl::Status StoreNext(const service::Env& env, const rpc::Call& call, const Message& definition,
                       Message* response) {
  return service::RunCommand(
      env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(definition.name())});
        command.Find();
        const pg::Pending latest = QueueLatest(tx, definition.name());
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        StoredDefinition next{definition.name(),    1,           "",
                              DigestOf(definition), call.caller, command.now()};
        if (latest->rows() > 0) {
          const StoredDefinition before = ReadDefinition(*latest, 0);
          if (before.digest == next.digest) {
            return NothingToChange("version", std::to_string(before.version));
          }
          next.version = before.version + 1;
        }
        *response = definition;
        response->set_version(next.version);
        response->set_creator(call.caller);
        *response->mutable_create_time() = rpc::ToProto(command.now());
        next.body = response->SerializeAsString();
        command.Claim(next.name);
        QueueInsert(tx, next);
        return command.Append(
            {DefinitionEvent(*env.ids, command.now(), next.name, next.version, next.digest)});
      });
}

void Answer(const StoredTarget& stored, pb::Target* out) {
  out->set_version(stored.version);
  *out->mutable_set_time() = rpc::ToProto(stored.set_time);
  out->set_set_by(stored.set_by);
}

}  // namespace

absl::Status ScorecardsApi::CreateKpiVersion(const rpc::Call& call,
                                             const pb::CreateKpiVersionRequest& request,
                                             pb::Kpi* response) {
  pb::Kpi kpi = request.kpi();
  kpi.clear_version();
  kpi.clear_creator();
  kpi.clear_create_time();
  RETURN_IF_ERROR(Compile("kpi", kpi).status());
  return StoreNext(env_, call, kpi, response);
}

absl::Status ScorecardsApi::CreateScorecardVersion(const rpc::Call& call,
                                                   const pb::CreateScorecardVersionRequest& request,
                                                   pb::Scorecard* response) {
  pb::Scorecard card = request.scorecard();
  card.clear_version();
  card.clear_creator();
  card.clear_create_time();
  card.clear_findings();
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  LoadedCard loaded;
  RETURN_IF_ERROR(pg::RunInTx(*db, {.budget = call.TimeLeft(), .name = "scorecard_items"},
                              [&](pg::Tx& tx) -> absl::Status {
                                ASSIGN_OR_RETURN(loaded, LoadItems(tx, card));
                                return absl::OkStatus();
                              }));
  RETURN_IF_ERROR(CheckPublishable(loaded.card));
  return StoreNext(env_, call, loaded.proto, response);
}

absl::Status ScorecardsApi::SetTarget(const rpc::Call& call, const pb::SetTargetRequest& request,
                                      pb::Target* response) {
  const pb::Target& asked = request.target();
  RETURN_IF_ERROR(CheckName("target.kpi", "kpis", asked.kpi()));
  RETURN_IF_ERROR(CheckSubject(call, "target.subject", asked.subject()));
  RETURN_IF_ERROR(ParsePeriod("target.period", asked.period()).status());
  StoredTarget stored{asked.kpi(), asked.subject(), asked.period(), 1, {}, {}, call.caller};
  ASSIGN_OR_RETURN(stored.target, ParseTarget("target.target", asked.target()));
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Shared(asked.period()),
                 pg::LockKey::Exclusive("target/" + asked.kpi() + asked.subject())});
        command.Find();
        const pg::Pending kpi = QueueLatest(tx, asked.kpi());
        const pg::Pending period = QueuePeriod(tx, asked.period());
        const pg::Pending before = QueueTarget(tx, asked.kpi(), asked.subject(), asked.period());
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (kpi->rows() == 0) {
          return NotFound(asked.kpi());
        }
        if (period->rows() > 0) {
          ASSIGN_OR_RETURN(const StoredPeriod closed, ReadPeriod(*period, 0));
          if (closed.state == "CLOSED") {
            return Precondition("PERIOD_CLOSED", "the period is closed; its targets are fixed",
                                {{"period", asked.period()}});
          }
        }
        pb::Kpi definition;
        if (!definition.ParseFromString(ReadDefinition(*kpi, 0).body)) {
          return absl::DataLossError("definition: body does not parse");
        }
        ASSIGN_OR_RETURN(const CompiledKpi compiled, Compile("kpi", definition));
        RETURN_IF_ERROR(CheckTarget("target.target", compiled.definition, stored.target));
        stored.set_time = command.now();
        stored.version = before->rows() == 0 ? 1 : ReadTarget(*before, 0).version + 1;
        *response = asked;
        ToProto(stored.target, response->mutable_target());
        Answer(stored, response);
        command.Claim(asked.kpi());
        QueueSetTarget(tx, stored);
        return command.Append({TargetEvent(*env_.ids, stored)});
      });
}

}  // namespace steward::scoring
