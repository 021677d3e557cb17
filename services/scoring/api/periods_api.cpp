#include "services/scoring/api/periods_api.h"

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "libs/runtime/failpoint.h"
#include "services/scoring/api/measurements_api.h"
#include "services/scoring/api/measures_api.h"
#include "services/scoring/api/period_mapping.h"
#include "services/scoring/events/scoring_events.h"
#include "services/scoring/storage/fact_store.h"

namespace steward::scoring {
namespace {

constexpr size_t kMaxResults = 2000;
constexpr int kCloseAttempts = 5;
constexpr int64_t kChangingRetryMs = 1000;

// The period and those that it is made of: targets and parts of them all are in its results.
std::vector<std::string> NamesWithin(const Period& period) {
  std::vector<std::string> names = {period.name};
  for (const PeriodKind kind : {PeriodKind::kMonth, PeriodKind::kQuarter}) {
    if (kind < period.kind) {
      for (const Period& part : PartsOf(period, kind)) {
        names.push_back(part.name);
      }
    }
  }
  return names;
}

template <class Request, class Response>
void Add(rpc::Server& server, PeriodsApi& api, const char* method,
         absl::Status (PeriodsApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.scoring.v1.PeriodsService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

void PeriodsApi::AddTo(rpc::Server& server) {
  Add(server, *this, "GetPeriod", &PeriodsApi::GetPeriod);
  Add(server, *this, "ListPeriods", &PeriodsApi::ListPeriods);
  Add(server, *this, "FreezePeriod", &PeriodsApi::FreezePeriod);
  Add(server, *this, "ClosePeriod", &PeriodsApi::ClosePeriod);
  Add(server, *this, "ListScorecardResults", &PeriodsApi::ListScorecardResults);
  Add(server, *this, "ListLateFacts", &PeriodsApi::ListLateFacts);
}

absl::Status PeriodsApi::GetPeriod(const rpc::Call& call, const pb::GetPeriodRequest& request,
                                   pb::Period* response) {
  ASSIGN_OR_RETURN(const Period period, ParsePeriod("name", request.name()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::optional<StoredPeriod> stored,
                   scoring::GetPeriod(*db, period.name, call.TimeLeft()));
  if (!stored) {
    ToProto(period, response);
    ASSIGN_OR_RETURN(const std::vector<std::string> missing, Missing(call, *db, period, false));
    response->mutable_missing()->Assign(missing.begin(), missing.end());
    return absl::OkStatus();
  }
  ToProto(period, *stored, response);
  if (stored->close_time) {
    ASSIGN_OR_RETURN(const int64_t late, CountLate(*db, {period.first, period.last},
                                                   *stored->close_time, call.TimeLeft()));
    response->set_late_facts(late);
  }
  return absl::OkStatus();
}

absl::Status PeriodsApi::ListPeriods(const rpc::Call& call, const pb::ListPeriodsRequest& request,
                                     pb::ListPeriodsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read("ListPeriods", request.page_token()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(
      std::vector<StoredPeriod> periods,
      scoring::ListPeriods(*db, cursor.empty() ? "" : cursor[0], page_size + 1, call.TimeLeft()));
  if (periods.size() > static_cast<size_t>(page_size)) {
    periods.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(deps_.tokens->Make("ListPeriods", {periods.back().name}));
  }
  for (const StoredPeriod& stored : periods) {
    ASSIGN_OR_RETURN(const Period period, ParsePeriod("period", stored.name));
    ToProto(period, stored, response->add_periods());
  }
  return absl::OkStatus();
}

absl::Status PeriodsApi::ResultsOf(pg::Tx& tx, const pb::ClosePeriodRequest& request, int index,
                                   const Period& period, std::vector<StoredResult>& results) {
  const pb::ScorecardSubjects& card = request.cards(index);
  const std::string path = "cards[" + std::to_string(index) + "]";
  const pg::Pending row = QueueDefinition(tx, card.scorecard(), 0);
  RETURN_IF_ERROR(tx.Flush());
  ASSIGN_OR_RETURN(v1::Scorecard proto, ReadCard(*row, card.scorecard()));
  ASSIGN_OR_RETURN(const LoadedCard loaded, LoadItems(tx, std::move(proto)));
  for (const std::string& subject : card.subjects()) {
    Asked asked{subject, SubjectKind::kMember, period, "CLOSED"};
    ASSIGN_OR_RETURN(asked.kind, ParseSubject(path + ".subjects", subject));
    const pg::Pending parts = QueueEligibilities(tx, subject, card.scorecard());
    RETURN_IF_ERROR(tx.Flush());
    ASSIGN_OR_RETURN(asked.parts, PartsByPeriod(*parts));
    ASSIGN_OR_RETURN(const FilledCard reckoned, Reckon(tx, loaded, asked));
    const v1::ScorecardResult& result = reckoned.result;
    if (!request.allow_missing() && result.blocking_size() > 0) {
      return Precondition(
          "VALUES_MISSING",
          card.scorecard() + " of " + subject + " waits for " + Join(result.blocking()),
          {{"scorecard", card.scorecard()}, {"subject", subject}});
    }
    results.push_back({period.name, card.scorecard(), subject, rpc::DeterministicBytes(result),
                       HexOf(rpc::RequestHash(result))});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StoredResult>> PeriodsApi::Results(const rpc::Call& call,
                                                              pg::Connection& db,
                                                              const pb::ClosePeriodRequest& request,
                                                              const Period& period) {
  size_t asked = 0;
  for (int i = 0; i < request.cards_size(); ++i) {
    RETURN_IF_ERROR(CheckName("cards[" + std::to_string(i) + "].scorecard", "scorecards",
                              request.cards(i).scorecard()));
    asked += static_cast<size_t>(request.cards(i).subjects_size());
  }
  if (asked > kMaxResults) {
    return FieldInvalid("cards", "are at most " + std::to_string(kMaxResults) + " results");
  }
  std::vector<StoredResult> results;
  for (int i = 0; i < request.cards_size(); ++i) {
    std::vector<StoredResult> of_card;
    RETURN_IF_ERROR(pg::RunInTx(db, {.budget = call.TimeLeft(), .name = "period_results"},
                                [&](pg::Tx& tx) -> absl::Status {
                                  of_card.clear();
                                  return ResultsOf(tx, request, i, period, of_card);
                                }));
    std::move(of_card.begin(), of_card.end(), std::back_inserter(results));
  }
  return results;
}

// Waits for whoever writes now: what comes after this instant is a late fact, or shows as a change.
absl::StatusOr<PeriodMark> PeriodsApi::Mark(const rpc::Call& call, pg::Connection& db,
                                            const Period& period) {
  PeriodMark mark;
  RETURN_IF_ERROR(pg::RunInTx(
      db, {.budget = call.TimeLeft(), .name = "period_mark"}, [&](pg::Tx& tx) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(kClosingLock), pg::LockKey::Exclusive(kSumsLock)});
        const pg::Pending row =
            QueueMark(tx, NamesWithin(period), {period.first, period.last}, std::nullopt);
        RETURN_IF_ERROR(tx.Flush());
        mark = ReadMark(*row);
        return absl::OkStatus();
      }));
  return mark;
}

absl::Status PeriodsApi::Close(const rpc::Call& call, const Period& period,
                               const std::vector<StoredResult>& results, const PeriodMark& mark,
                               bool* moved, pb::Period* response) {
  v1::ListScorecardResultsResponse all;  // of whose bytes the hash is
  for (const StoredResult& result : results) {
    all.add_results()->ParseFromString(result.result);
  }
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        // Whoever sets a target or a part of one of these holds its name.
        std::vector<pg::LockKey> locks = {pg::LockKey::Exclusive(kClosingLock),
                                          pg::LockKey::Exclusive(kSumsLock)};
        for (const std::string& name : NamesWithin(period)) {
          locks.push_back(pg::LockKey::Exclusive(name));
        }
        tx.Lock(locks);
        command.Find();
        const pg::Pending row = QueuePeriod(tx, period.name);
        const pg::Pending now =
            QueueMark(tx, NamesWithin(period), {period.first, period.last}, mark.at);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return WrongState(period.name, "OPEN", "FROZEN");
        }
        ASSIGN_OR_RETURN(StoredPeriod stored, ReadPeriod(*row, 0));
        if (stored.state != "FROZEN") {
          return WrongState(period.name, stored.state, "FROZEN");
        }
        const PeriodMark after = ReadMark(*now);
        *moved = after.measurements != mark.measurements || after.targets != mark.targets ||
                 after.facts > 0;
        if (*moved) {
          return Refuse(absl::StatusCode::kAborted,
                        "what the results are reckoned from changed all the while; repeat",
                        {.reason = "PERIOD_CHANGING",
                         .metadata = {},
                         .fields = {},
                         .retry_after_ms = kChangingRetryMs});
        }
        stored.version = 2;
        stored.state = "CLOSED";
        stored.close_time = mark.at;
        stored.closed_by = call.caller;
        stored.hash = HexOf(rpc::RequestHash(all));
        ToProto(period, stored, response);
        command.Claim(period.name);
        QueueSave(tx, stored);
        QueueResults(tx, results);
        return command.Append({CloseEvent(*deps_.env.ids, command.now(), stored,
                                          static_cast<int64_t>(results.size()))});
      });
}

absl::Status PeriodsApi::ClosePeriod(const rpc::Call& call, const pb::ClosePeriodRequest& request,
                                     pb::Period* response) {
  ASSIGN_OR_RETURN(const Period period, ParsePeriod("name", request.name()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  // Reckoning takes too long for the locks that would hold every writer back.
  for (int attempt = 1;; ++attempt) {
    ASSIGN_OR_RETURN(const PeriodMark mark, Mark(call, *db, period));
    ASSIGN_OR_RETURN(const std::vector<StoredResult> results, Results(call, *db, request, period));
    RETURN_IF_ERROR(runtime::Failpoint("period.reckoned"));
    bool moved = false;
    const absl::Status status = Close(call, period, results, mark, &moved, response);
    if (!moved || attempt == kCloseAttempts) {
      return status;
    }
  }
}

absl::Status PeriodsApi::ListScorecardResults(const rpc::Call& call,
                                              const pb::ListScorecardResultsRequest& request,
                                              pb::ListScorecardResultsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  RETURN_IF_ERROR(ParsePeriod("period", request.period()).status());
  const std::string bound =
      "ListScorecardResults\n" + request.period() + "\n" + request.scorecard();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  if (!cursor.empty() && cursor.size() != 2) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(
      std::vector<StoredResult> results,
      ListResults(*db, request.period(), request.scorecard(), call.reach.all, call.reach.members,
                  call.reach.teams, cursor.empty() ? "" : cursor[0],
                  cursor.empty() ? "" : cursor[1], page_size + 1, call.TimeLeft()));
  if (results.size() > static_cast<size_t>(page_size)) {
    results.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(
        deps_.tokens->Make(bound, {results.back().scorecard, results.back().subject}));
  }
  for (const StoredResult& result : results) {
    v1::ScorecardResult& to = *response->add_results();
    if (!to.ParseFromString(result.result)) {
      return absl::DataLossError("period_result: does not parse");
    }
    to.set_hash(result.hash);
  }
  return absl::OkStatus();
}

absl::Status PeriodsApi::ListLateFacts(const rpc::Call& call,
                                       const pb::ListLateFactsRequest& request,
                                       pb::ListLateFactsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const Period period, ParsePeriod("period", request.period()));
  const std::string bound = "ListLateFacts\n" + period.name;
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  std::optional<LateCursor> after;
  if (!cursor.empty()) {
    if (cursor.size() != 4) {
      return rpc::BadPageToken();
    }
    ASSIGN_OR_RETURN(const int64_t recorded, rpc::CursorNumber(cursor[0]));
    ASSIGN_OR_RETURN(const int64_t part, rpc::CursorNumber(cursor[3]));
    after = LateCursor{Time{recorded}, cursor[1], cursor[2], part};
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::optional<StoredPeriod> stored,
                   scoring::GetPeriod(*db, period.name, call.TimeLeft()));
  if (!stored || !stored->close_time) {
    return WrongState(period.name, stored ? stored->state : "OPEN", "CLOSED");
  }
  ASSIGN_OR_RETURN(
      std::vector<StoredFact> facts,
      ReadLateFacts(*db, {period.first, period.last}, *stored->close_time, call.reach.all,
                    call.reach.members, call.reach.teams, after, page_size + 1, call.TimeLeft()));
  if (facts.size() > static_cast<size_t>(page_size)) {
    facts.resize(static_cast<size_t>(page_size));
    const StoredFact& last = facts.back();
    response->set_next_page_token(deps_.tokens->Make(
        bound, {std::to_string(last.recorded_at.micros), last.event_id.ToString(),
                last.fact.measure, std::to_string(last.part)}));
  }
  for (const StoredFact& fact : facts) {
    ToProto(fact, response->add_facts());
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
