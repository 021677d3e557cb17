#include "services/scoring/api/lead_scores_api.h"

#include <limits>
#include <optional>
#include <set>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/scoring/api/score_mapping.h"
#include "services/scoring/storage/lead_store.h"
#include "services/scoring/storage/leaderboard_reads.h"
#include "services/scoring/storage/pending_store.h"

namespace steward::scoring {
namespace {

constexpr int kMaxBatch = 100;
constexpr int kMaxRecompute = 1000;

Within WithinOf(const rpc::Call& call) {
  return {call.reach.all, call.reach.members, call.reach.teams};
}

template <class Names>
absl::StatusOr<std::vector<std::string>> LeadNames(const Names& names, int most) {
  if (names.empty() || names.size() > most) {
    return FieldInvalid("leads", "are 1 to " + std::to_string(most));
  }
  std::vector<std::string> leads;
  for (int i = 0; i < names.size(); ++i) {
    RETURN_IF_ERROR(CheckName("leads[" + std::to_string(i) + "]", "leads", names.Get(i)));
    leads.push_back(names.Get(i));
  }
  return leads;
}

absl::StatusOr<ScoreQuery> ReadQuery(const v1::ListLeadScoresRequest& request) {
  ScoreQuery query;
  if (!request.order_by().empty() && request.order_by() != "score desc" &&
      request.order_by() != "score") {
    return FieldInvalid("order_by", "is `score desc` or `score`");
  }
  query.ascending = request.order_by() == "score";
  ASSIGN_OR_RETURN(
      const std::vector<rpc::FilterTerm> terms,
      rpc::ParseFilter(request.filter(),
                       {{"band", "="}, {"owner", "="}, {"team", "="}, {"score", ">= <="}}));
  for (const rpc::FilterTerm& term : terms) {
    if (term.field == "score") {
      ASSIGN_OR_RETURN(const Decimal score, ParseDecimal("filter", term.value));
      (term.op == ">=" ? query.least : query.most) = score;
    } else {
      (term.field == "band"    ? query.band
       : term.field == "owner" ? query.owner
                               : query.team) = term.value;
    }
  }
  return query;
}

absl::StatusOr<std::optional<ScoreCursor>> ReadCursor(const std::vector<std::string>& cursor) {
  if (cursor.empty()) {
    return std::optional<ScoreCursor>();
  }
  if (cursor.size() != 2) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(const int64_t score, rpc::CursorNumber(cursor[0]));
  return std::optional<ScoreCursor>({Decimal{score}, cursor[1]});
}

absl::Status NoModel() {
  return Refuse(absl::StatusCode::kFailedPrecondition,
                "no scoring model is active; activate one with ActivateScoringModel",
                {.reason = "NO_ACTIVE_MODEL"});
}

template <class Request, class Response>
void Add(rpc::Server& server, LeadScoresApi& api, const char* method,
         absl::Status (LeadScoresApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.scoring.v1.LeadScoresService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

void LeadScoresApi::AddTo(rpc::Server& server) {
  Add(server, *this, "GetLeadScore", &LeadScoresApi::GetLeadScore);
  Add(server, *this, "BatchGetLeadScores", &LeadScoresApi::BatchGetLeadScores);
  Add(server, *this, "ListLeadScores", &LeadScoresApi::ListLeadScores);
  Add(server, *this, "ExplainLeadScore", &LeadScoresApi::ExplainLeadScore);
  Add(server, *this, "RecomputeLeadScores", &LeadScoresApi::RecomputeLeadScores);
  Add(server, *this, "CreateScoringModelVersion", &LeadScoresApi::CreateScoringModelVersion);
  Add(server, *this, "GetScoringModel", &LeadScoresApi::GetScoringModel);
  Add(server, *this, "ListScoringModels", &LeadScoresApi::ListScoringModels);
  Add(server, *this, "ActivateScoringModel", &LeadScoresApi::ActivateScoringModel);
  Add(server, *this, "DeactivateScoringModel", &LeadScoresApi::DeactivateScoringModel);
}

absl::Status LeadScoresApi::GetLeadScore(const rpc::Call& call,
                                         const v1::GetLeadScoreRequest& request,
                                         v1::LeadScore* response) {
  RETURN_IF_ERROR(CheckName("lead", "leads", request.lead()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const auto scores,
                   GetScores(*db, {request.lead()}, WithinOf(call), call.TimeLeft()));
  if (scores.empty()) {
    return NotFound(ScoreName(request.lead()));
  }
  ToProto(scores.begin()->second, response);
  return absl::OkStatus();
}

absl::Status LeadScoresApi::BatchGetLeadScores(const rpc::Call& call,
                                               const v1::BatchGetLeadScoresRequest& request,
                                               v1::BatchGetLeadScoresResponse* response) {
  ASSIGN_OR_RETURN(const std::vector<std::string> leads, LeadNames(request.leads(), kMaxBatch));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const auto scores, GetScores(*db, leads, WithinOf(call), call.TimeLeft()));
  for (const std::string& lead : leads) {
    const auto found = scores.find(lead);
    if (found == scores.end()) {
      response->Clear();
      return NotFound(ScoreName(lead));
    }
    ToProto(found->second, response->add_scores());
  }
  return absl::OkStatus();
}

absl::Status LeadScoresApi::ListLeadScores(const rpc::Call& call,
                                           const v1::ListLeadScoresRequest& request,
                                           v1::ListLeadScoresResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const ScoreQuery query, ReadQuery(request));
  const std::string bound = "ListLeadScores\n" + request.filter() + "\n" + request.order_by();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const std::optional<ScoreCursor> after, ReadCursor(cursor));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredScore> scores,
                   ListScores(*db, query, after, WithinOf(call), page_size + 1, call.TimeLeft()));
  if (scores.size() > static_cast<size_t>(page_size)) {
    scores.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(deps_.tokens->Make(
        bound, {std::to_string(scores.back().score.scaled), scores.back().lead}));
  }
  for (const StoredScore& score : scores) {
    ToProto(score, response->add_scores());
  }
  return absl::OkStatus();
}

absl::Status LeadScoresApi::ExplainLeadScore(const rpc::Call& call,
                                             const v1::ExplainLeadScoreRequest& request,
                                             v1::LeadScoreExplanation* response) {
  RETURN_IF_ERROR(CheckName("lead", "leads", request.lead()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const bool within,
                   LeadIsWithin(*db, request.lead(), WithinOf(call), call.TimeLeft()));
  if (!within) {
    return NotFound(request.lead());
  }
  const Time now =
      request.has_as_of_time() ? rpc::FromProto(request.as_of_time()) : deps_.env.clock->Now();
  const Moment moment = MomentOf(now, deps_.zone);
  pg::TxOptions options;
  options.name = "explain_lead_score";
  options.budget = call.TimeLeft();
  return pg::RunInTx(*db, options, [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const std::optional<Rules> rules, LoadRules(tx, deps_.parents()));
    if (!rules) {
      return NoModel();
    }
    const pg::Pending rows = QueueLoadScores(tx, {request.lead()});
    ASSIGN_OR_RETURN(const std::vector<LeadFacts> facts, LoadFacts(tx, {request.lead()}));
    if (facts.empty()) {
      return NotFound(request.lead());
    }
    ASSIGN_OR_RETURN(const LeadScore score, ScoreLead(rules->rules, rules->scopes, facts[0],
                                                      moment.day_start, moment.now));
    StoredScore row = RowOf(*rules, facts[0], score, moment.now);
    row.owner = facts[0].record.owner;
    row.team = facts[0].record.team;
    row.model_active = true;
    ToProto(row, response->mutable_score());
    response->mutable_score()->clear_score_time();
    ToProto(score, response);
    const auto stored = ReadScores(*rows);
    if (!stored.empty()) {
      ToProto(stored.begin()->second, response->mutable_stored());
      response->set_stored_is_current(SaysTheSame(stored.begin()->second, row));
    }
    return absl::OkStatus();
  });
}

absl::Status LeadScoresApi::RecomputeLeadScores(const rpc::Call& call,
                                                const v1::RecomputeLeadScoresRequest& request,
                                                v1::RecomputeLeadScoresResponse* response) {
  if (request.all() != request.leads().empty()) {
    return FieldInvalid("leads", "or `all` is given, one of the two");
  }
  std::vector<std::string> leads;
  if (!request.all()) {
    ASSIGN_OR_RETURN(leads, LeadNames(request.leads(), kMaxRecompute));
    const std::set<std::string> once(leads.begin(), leads.end());
    leads.assign(once.begin(), once.end());
  }
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(kScoresLock)});
        command.Find();
        const pg::Pending waiting = QueueCountOpen(tx);
        ASSIGN_OR_RETURN(const std::optional<Rules> rules, LoadRules(tx, deps_.parents()));
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (!rules) {
          return NoModel();
        }
        response->Clear();
        if (request.all()) {
          response->set_waiting(waiting->Int(0, 0));
          command.Claim(kScoresLock);
          QueueAskSweep(tx);
          if (deps_.asked) {
            tx.AfterCommit(deps_.asked);
          }
          return absl::OkStatus();
        }
        Reckoned reckoned;
        const PendingBatch rows = QueueBatch(tx, leads);
        RETURN_IF_ERROR(tx.Flush());
        RETURN_IF_ERROR(BatchScorer(*rules).Reckon(rows, MomentOf(command.now(), deps_.zone),
                                                   *deps_.env.ids, reckoned));
        response->set_scored(reckoned.scored);
        response->set_changed(reckoned.changed);
        response->set_closed(reckoned.closed);
        response->set_unknown(reckoned.unknown);
        command.Claim(kScoresLock);
        QueueScores(tx, reckoned);
        QueueScoredLeadsChanged(tx);
        return command.Append(reckoned.events);
      });
}

}  // namespace steward::scoring
