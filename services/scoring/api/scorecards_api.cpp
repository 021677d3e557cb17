// Reads: definitions, targets, cards filled in.

#include "services/scoring/api/scorecards_api.h"

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/scoring/api/measures_api.h"

namespace steward::scoring {
namespace {

template <class Request, class Response>
void Add(rpc::Server& server, ScorecardsApi& api, const char* method,
         absl::Status (ScorecardsApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.scoring.v1.ScorecardsService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

void ScorecardsApi::AddTo(rpc::Server& server) {
  Add(server, *this, "ListKpis", &ScorecardsApi::ListKpis);
  Add(server, *this, "GetKpi", &ScorecardsApi::GetKpi);
  Add(server, *this, "CreateKpiVersion", &ScorecardsApi::CreateKpiVersion);
  Add(server, *this, "ListScorecards", &ScorecardsApi::ListScorecards);
  Add(server, *this, "GetScorecardDefinition", &ScorecardsApi::GetScorecardDefinition);
  Add(server, *this, "CreateScorecardVersion", &ScorecardsApi::CreateScorecardVersion);
  Add(server, *this, "SetTarget", &ScorecardsApi::SetTarget);
  Add(server, *this, "ListTargets", &ScorecardsApi::ListTargets);
  Add(server, *this, "GetScorecard", &ScorecardsApi::GetScorecard);
  Add(server, *this, "ExplainKpi", &ScorecardsApi::ExplainKpi);
  Add(server, *this, "ExplainScorecard", &ScorecardsApi::ExplainScorecard);
}

absl::StatusOr<Asked> ReadAsked(const rpc::Call& call, const std::string& subject,
                                const std::string& period, const pg::Result& stored,
                                const pg::Result& parts) {
  Asked asked;
  RETURN_IF_ERROR(CheckSubject(call, "subject", subject));
  asked.subject = subject;
  ASSIGN_OR_RETURN(asked.kind, ParseSubject("subject", subject));
  ASSIGN_OR_RETURN(asked.period, ParsePeriod("period", period));
  if (stored.rows() > 0) {
    ASSIGN_OR_RETURN(const StoredPeriod row, ReadPeriod(stored, 0));
    asked.state = row.state;
  }
  ASSIGN_OR_RETURN(asked.parts, PartsByPeriod(parts));
  return asked;
}

template <class Message, class Request, class Response>
absl::Status ScorecardsApi::List(const rpc::Call& call, const Request& request, const char* prefix,
                                 Response* response, Message* (Response::*add)()) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  const std::string bound = std::string("List\n") + prefix;
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   tokens_.Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<StoredDefinition> definitions,
                   ListDefinitions(*db, prefix, cursor.empty() ? "" : cursor[0], page_size + 1,
                                   call.TimeLeft()));
  if (definitions.size() > static_cast<size_t>(page_size)) {
    definitions.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(tokens_.Make(bound, {definitions.back().name}));
  }
  for (const StoredDefinition& definition : definitions) {
    if (!(response->*add)()->ParseFromString(definition.body)) {
      return absl::DataLossError("definition: body does not parse");
    }
  }
  return absl::OkStatus();
}

absl::Status ScorecardsApi::ListKpis(const rpc::Call& call, const pb::ListKpisRequest& request,
                                     pb::ListKpisResponse* response) {
  return List(call, request, "kpis/", response, &pb::ListKpisResponse::add_kpis);
}

absl::Status ScorecardsApi::ListScorecards(const rpc::Call& call,
                                           const pb::ListScorecardsRequest& request,
                                           pb::ListScorecardsResponse* response) {
  RETURN_IF_ERROR(
      List(call, request, "scorecards/", response, &pb::ListScorecardsResponse::add_scorecards));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  return pg::RunInTx(*db, {.budget = call.TimeLeft(), .name = "scorecard_findings"},
                     [&](pg::Tx& tx) -> absl::Status {
                       for (pb::Scorecard& card : *response->mutable_scorecards()) {
                         ASSIGN_OR_RETURN(const LoadedCard loaded, LoadItems(tx, card));
                         card.clear_findings();
                         AddFindings(loaded, &card);
                       }
                       return absl::OkStatus();
                     });
}

absl::Status ScorecardsApi::GetKpi(const rpc::Call& call, const pb::GetKpiRequest& request,
                                   pb::Kpi* response) {
  RETURN_IF_ERROR(CheckName("name", "kpis", request.name()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  return pg::RunInTx(
      *db, {.budget = call.TimeLeft(), .name = "kpi_get"}, [&](pg::Tx& tx) -> absl::Status {
        const pg::Pending kpi = QueueDefinition(tx, request.name(), request.version());
        RETURN_IF_ERROR(tx.Flush());
        ASSIGN_OR_RETURN(*response, ReadKpi(*kpi, request.name()));
        return absl::OkStatus();
      });
}

absl::Status ScorecardsApi::GetScorecardDefinition(const rpc::Call& call,
                                                   const pb::GetScorecardDefinitionRequest& request,
                                                   pb::Scorecard* response) {
  RETURN_IF_ERROR(CheckName("name", "scorecards", request.name()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  return pg::RunInTx(
      *db, {.budget = call.TimeLeft(), .name = "scorecard_get"}, [&](pg::Tx& tx) -> absl::Status {
        const pg::Pending row = QueueDefinition(tx, request.name(), request.version());
        RETURN_IF_ERROR(tx.Flush());
        ASSIGN_OR_RETURN(pb::Scorecard card, ReadCard(*row, request.name()));
        ASSIGN_OR_RETURN(const LoadedCard loaded, LoadItems(tx, std::move(card)));
        *response = loaded.proto;
        AddFindings(loaded, response);
        return absl::OkStatus();
      });
}

absl::Status ScorecardsApi::ListTargets(const rpc::Call& call,
                                        const pb::ListTargetsRequest& request,
                                        pb::ListTargetsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  if (!request.subject().empty() || !call.reach.all) {
    RETURN_IF_ERROR(CheckSubject(call, "subject", request.subject()));
  }
  const std::string bound = "ListTargets\n" + request.period() + "\n" + request.subject();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   tokens_.Read(bound, request.page_token()));
  TargetCursor after;
  if (!cursor.empty()) {
    if (cursor.size() != 3) {
      return rpc::BadPageToken();
    }
    after = {cursor[0], cursor[1], cursor[2]};
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<StoredTarget> targets,
                   scoring::ListTargets(*db, request.period(), request.subject(), after,
                                        page_size + 1, call.TimeLeft()));
  if (targets.size() > static_cast<size_t>(page_size)) {
    targets.resize(static_cast<size_t>(page_size));
    const StoredTarget& last = targets.back();
    response->set_next_page_token(tokens_.Make(bound, {last.kpi, last.subject, last.period}));
  }
  for (const StoredTarget& target : targets) {
    pb::Target& to = *response->add_targets();
    to.set_kpi(target.kpi);
    to.set_subject(target.subject);
    to.set_period(target.period);
    ToProto(target.target, to.mutable_target());
    to.set_version(target.version);
    *to.mutable_set_time() = rpc::ToProto(target.set_time);
    to.set_set_by(target.set_by);
  }
  return absl::OkStatus();
}

template <class Request>
absl::StatusOr<AskedCard> AskCard(const rpc::Call& call, pg::Tx& tx, const Request& request) {
  const pg::Pending period = QueuePeriod(tx, request.period());
  const pg::Pending parts = QueueEligibilities(tx, request.subject(), request.scorecard());
  const pg::Pending result =
      QueueResult(tx, request.period(), request.scorecard(), request.subject());
  pg::Pending definition = QueueDefinition(tx, request.scorecard(), request.version());
  RETURN_IF_ERROR(tx.Flush());
  AskedCard card;
  ASSIGN_OR_RETURN(card.asked,
                   ReadAsked(call, request.subject(), request.period(), *period, *parts));
  if (result->rows() > 0) {
    ASSIGN_OR_RETURN(const StoredPeriod closed, ReadPeriod(*period, 0));
    card.close_time = closed.close_time;
    const StoredResult stored = ReadResult(*result, 0);
    if (!card.stored.emplace().ParseFromString(stored.result)) {
      return absl::DataLossError("period_result: does not parse");
    }
    card.stored->set_hash(stored.hash);
    definition = QueueDefinition(tx, request.scorecard(), card.stored->scorecard_version());
    RETURN_IF_ERROR(tx.Flush());
  }
  ASSIGN_OR_RETURN(card.definition, ReadCard(*definition, request.scorecard()));
  return card;
}

template absl::StatusOr<AskedCard> AskCard(const rpc::Call&, pg::Tx&,
                                           const pb::ExplainScorecardRequest&);

absl::Status ScorecardsApi::GetScorecard(const rpc::Call& call,
                                         const pb::GetScorecardRequest& request,
                                         pb::ScorecardResult* response) {
  RETURN_IF_ERROR(CheckName("scorecard", "scorecards", request.scorecard()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  return pg::RunInTx(
      *db, {.budget = call.TimeLeft(), .name = "scorecard"}, [&](pg::Tx& tx) -> absl::Status {
        ASSIGN_OR_RETURN(AskedCard card, AskCard(call, tx, request));
        if (card.stored) {
          *response = *std::move(card.stored);
          return absl::OkStatus();
        }
        ASSIGN_OR_RETURN(const LoadedCard loaded, LoadItems(tx, std::move(card.definition)));
        ASSIGN_OR_RETURN(FilledCard reckoned, Reckon(tx, loaded, card.asked));
        *response = std::move(reckoned.result);
        return absl::OkStatus();
      });
}

}  // namespace steward::scoring
