#include "services/sla/api/clocks_api.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/sla/api/explain.h"
#include "services/sla/api/mapping.h"

namespace steward::sla {
namespace {

constexpr pg::Statement kNow{"sla_now", "SELECT clock_timestamp()"};

// The reach is part of what a page token is bound to: another caller's token is refused.
std::string Query(const rpc::Call& call, const std::string& filter) {
  return call.method + "\n" + call.caller + "\n" + filter;
}

}  // namespace

absl::StatusOr<ClocksApi::Snapshot> ClocksApi::Look(pg::Connection& connection,
                                                    const rpc::Call& call) {
  Snapshot snapshot;
  RETURN_IF_ERROR(pg::RunInTx(connection, {.budget = call.TimeLeft(), .name = "sla_look"},
                              [&](pg::Tx& tx) -> absl::Status {
                                const pg::Pending now = tx.Queue(kNow);
                                ASSIGN_OR_RETURN(snapshot.rules, deps_.rules->Current(tx));
                                snapshot.now = now->Timestamp(0, 0);
                                return absl::OkStatus();
                              }));
  return snapshot;
}

absl::Status ClocksApi::GetClock(rpc::Call& call, const v1::GetClockRequest& request,
                                 v1::Clock* response) {
  v1::ClockExplanation explanation;
  v1::ExplainClockRequest explain;
  explain.set_name(request.name());
  RETURN_IF_ERROR(ExplainClock(call, explain, &explanation));
  *response = std::move(*explanation.mutable_clock());
  return absl::OkStatus();
}

absl::Status ClocksApi::BatchGetClocks(rpc::Call& call, const v1::BatchGetClocksRequest& request,
                                       v1::BatchGetClocksResponse* response) {
  if (request.names_size() > 100 || request.subjects_size() > 100) {
    return FieldInvalid(request.names_size() > 100 ? "names" : "subjects", "at most 100 a call");
  }
  if (request.names().empty() == request.subjects().empty()) {
    return FieldInvalid("names", "give either names or subjects");
  }
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const Snapshot look, Look(*connection, call));
  if (!request.subjects().empty()) {
    ASSIGN_OR_RETURN(const auto clocks,
                     FindClocksOf(*connection, call.reach,
                                  {request.subjects().begin(), request.subjects().end()}));
    for (const Clock& clock : clocks) {
      *response->add_clocks() = ToProto(clock, *look.rules, look.now);
    }
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto clocks, FindClocks(*connection, call.reach,
                                                 {request.names().begin(), request.names().end()}));
  for (const std::string& name : request.names()) {
    const auto found =
        std::find_if(clocks.begin(), clocks.end(), [&](const Clock& c) { return c.name == name; });
    if (found == clocks.end()) {
      return NotFound(name);
    }
    *response->add_clocks() = ToProto(*found, *look.rules, look.now);
  }
  return absl::OkStatus();
}

absl::Status ClocksApi::ListClocks(rpc::Call& call, const v1::ListClocksRequest& request,
                                   v1::ListClocksResponse* response) {
  ASSIGN_OR_RETURN(const int size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const auto filter,
                   rpc::ParseFilter(request.filter(), {{"run_state", "= !="},
                                                       {"status", "= !="},
                                                       {"policy", "= !="},
                                                       {"owner", "= !="},
                                                       {"team", "= !="},
                                                       {"subject", "= !="},
                                                       {"due_time", "< <= > >="},
                                                       {"start_time", "< <= > >="}}));
  ASSIGN_OR_RETURN(const auto cursor,
                   deps_.tokens->Read(Query(call, request.filter()), request.page_token()));
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const Snapshot look, Look(*connection, call));
  ASSIGN_OR_RETURN(const ClockPage page,
                   ListClockRows(*connection, call.reach, filter, cursor, size));
  for (const Clock& clock : page.clocks) {
    *response->add_clocks() = ToProto(clock, *look.rules, look.now);
  }
  if (page.more) {
    const Clock& last = page.clocks.back();
    response->set_next_page_token(deps_.tokens->Make(
        Query(call, request.filter()),
        {std::to_string(last.due.value_or(Time{253'370'764'800'000'000}).micros), last.name}));
  }
  return absl::OkStatus();
}

absl::Status ClocksApi::ExplainClock(rpc::Call& call, const v1::ExplainClockRequest& request,
                                     v1::ClockExplanation* response) {
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const Snapshot look, Look(*connection, call));
  ASSIGN_OR_RETURN(const std::vector<Clock> clocks,
                   FindClocks(*connection, call.reach, {request.name()}));
  if (clocks.empty()) {
    return NotFound(request.name());
  }
  ASSIGN_OR_RETURN(const std::vector<StoredFact> facts, FactsOf(*connection, clocks[0].subject));
  ASSIGN_OR_RETURN(const std::vector<FiringRow> firings, FiringsOf(*connection, clocks[0].name));
  ASSIGN_OR_RETURN(const std::vector<Clock> siblings,
                   FindClocksOf(*connection, rpc::Reach{.all = true, .members = {}, .teams = {}},
                                {clocks[0].subject}));
  return Explain(clocks[0], siblings, facts, firings, *look.rules, look.now, response);
}

absl::Status ClocksApi::GetBoard(rpc::Call& call, const v1::GetBoardRequest& request,
                                 v1::Board* response) {
  if (request.limit() < 0) {
    return FieldInvalid("limit", "must not be negative");
  }
  const int limit = request.limit() == 0 ? 20 : std::min(request.limit(), 200);
  if (deps_.board != nullptr) {
    if (auto board = deps_.board->Read(limit)) {
      *response = std::move(*board);
      return absl::OkStatus();
    }
  }
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const BoardData data, ReadBoard(*connection, limit));
  ASSIGN_OR_RETURN(const pg::Result now, connection->Run(kNow));
  for (const auto& [status, n] : data.counts) {
    v1::Board::Count* count = response->add_counts();
    count->set_status(status);
    count->set_clocks(n);
  }
  for (auto [rows, add] :
       {std::pair{&data.owners, &v1::Board::add_owners}, {&data.teams, &v1::Board::add_teams}}) {
    for (const BoardRow& row : *rows) {
      v1::Board::NextDue* next = (response->*add)();
      next->set_who(row.who);
      next->set_clock(row.clock);
      if (row.due) {
        *next->mutable_due_time() = rpc::ToProto(*row.due);
      }
      next->set_clocks(row.clocks);
    }
  }
  response->set_served_by("postgresql");
  *response->mutable_as_of_time() = rpc::ToProto(now.Timestamp(0, 0));
  return absl::OkStatus();
}

absl::Status ClocksApi::RebuildBoard(rpc::Call& call, const v1::RebuildBoardRequest&,
                                     v1::Board* response) {
  if (deps_.board == nullptr) {
    return Refuse(
        absl::StatusCode::kFailedPrecondition,
        "this process has no Redis: the board is served from PostgreSQL",
        {.reason = "NO_BOARD_MIRROR", .metadata = {}, .fields = {}, .retry_after_ms = {}});
  }
  RETURN_IF_ERROR(deps_.board->Rebuild());
  return GetBoard(call, v1::GetBoardRequest(), response);
}

absl::Status ClocksApi::FillStatus(rpc::Call& call, v1::WatcherStatus* response) {
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const WatcherCounts counts, ReadWatcherCounts(*connection));
  if (deps_.watcher != nullptr) {
    const WatcherSnapshot snapshot = deps_.watcher->snapshot();
    response->mutable_shards_held()->Add(snapshot.shards.begin(), snapshot.shards.end());
    response->set_watchers(snapshot.watchers);
    response->set_guard_frozen(snapshot.frozen);
    *response->mutable_clock_offset() = rpc::ToProto(snapshot.clock_offset);
    response->set_held_for_inputs(snapshot.held);
    *response->mutable_oldest_due_age() = rpc::ToProto(snapshot.oldest_due_age);
  }
  response->set_shards_total(kShards);
  response->set_timers_open(counts.timers_open);
  response->set_clocks_without_due(counts.clocks_without_due);
  response->set_subjects_unmatched(counts.subjects_unmatched);
  response->set_recipients_pending(counts.recipients_pending);
  response->set_timers_failing(counts.timers_failing);
  return absl::OkStatus();
}

absl::Status ClocksApi::GetWatcherStatus(rpc::Call& call, const v1::GetWatcherStatusRequest&,
                                         v1::WatcherStatus* response) {
  return FillStatus(call, response);
}

}  // namespace steward::sla
